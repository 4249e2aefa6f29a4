// Tables with data-sorted sort by their heads, are filtered by the form with data-for, and keep both in the address as
// <table>.<field>=<value>. Without this script every row is on the page, and the forms are hidden.
"use strict";

(() => {
  // As many rows as are laid out and painted at once; about what a screen shows.
  const PART = 24;
  const COLLATOR = new Intl.Collator("en", { numeric: true });
  const boards = [...document.querySelectorAll("table[data-sorted]")].map(board);

  /** Makes one table sort and filter; gives what the address and links need. */
  function board(element) {
    const id = element.id;
    const form = document.querySelector(`form[data-for="${id}"]`);
    const found = document.querySelector(`[data-found="${id}"]`);
    let body = element.tBodies[0];
    const headRow = element.tHead.rows[0];
    const heads = [...headRow.cells];
    const rows = [...body.rows];
    const cells = new Map([headRow, ...rows].map((row) => [row, [...row.cells]]));
    const words = rows.map((row) => row.textContent.toLowerCase());
    const fields = form ? [...form.elements].filter((field) => field.name) : [];
    const columns = fields.filter((field) => field.name === "columns");
    const filters = fields.filter((field) => field.name !== "columns");
    const keys = new Map();
    const none = document.createElement("tr");
    none.className = "empty";
    none.insertCell().colSpan = heads.length;
    none.cells[0].textContent = "No row fits. Reset the filters to see all rows.";
    let sorted = { at: -1, down: false };
    let away = new Set();
    let kept = rows;
    let height = 0;
    let frame;
    let growing;

    const narrow = matchMedia("(max-width: 44rem)").matches;
    for (const field of columns) if (narrow) field.defaultChecked = field.checked = "narrow" in field.dataset;

    for (const [at, head] of heads.entries()) {
      if (!("name" in head.dataset)) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.classList.add("sortable");
      head.addEventListener("click", () => { turn(at); show(); saveLater(); });
    }

    /** What each row is sorted by in a column: a number or a text; undefined where it has none. */
    function keysOf(at) {
      if (!keys.has(at)) {
        const numeric = heads[at].classList.contains("num");
        keys.set(at, rows.map((row) => {
          const key = cells.get(row)[at].dataset.order ?? cells.get(row)[at].textContent.trim();
          if (key === "" || (numeric && isNaN(key))) return undefined;
          return isNaN(key) ? key : Number(key);
        }));
      }
      return keys.get(at);
    }

    /** Better values first, then the other way, then as the page has it. */
    function turn(at) {
      const downFirst = heads[at].classList.contains("num") && heads[at].dataset.best !== "low";
      if (sorted.at !== at) sorted = { at, down: downFirst };
      else if (sorted.down === downFirst) sorted = { at, down: !downFirst };
      else sorted = { at: -1, down: false };
    }

    /** Positions of all rows in their order; missing values come last in either direction. */
    function order() {
      const all = [...rows.keys()];
      if (sorted.at < 0) return all;
      const by = keysOf(sorted.at);
      const sign = sorted.down ? -1 : 1;
      const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : COLLATOR.compare(a, b));
      return all.sort((i, k) => {
        if (by[i] === undefined || by[k] === undefined) return (by[i] === undefined) - (by[k] === undefined);
        return sign * compare(by[i], by[k]);
      });
    }

    /** What a field asks of a row: its words hold the search, its data-<name> the chosen value; undefined: nothing. */
    function asked(field) {
      const sought = field.value.trim().toLowerCase();
      const held = (index) => (rows[index].dataset[field.name] ?? "").split(" ").includes(field.value);
      if (field.type === "checkbox") return field.checked ? undefined : (index) => !held(index);
      if (sought === "") return undefined;
      return field.type === "search" ? (index) => words[index].includes(sought) : held;
    }

    /** Takes the columns away that are not chosen: what is not there is not laid out. */
    function choose() {
      const left = new Set(columns.filter((field) => !field.checked).map((field) => field.value));
      if (left.size === away.size && [...left].every((name) => away.has(name))) return;
      away = left;
      const shown = heads.map((head) => !left.has(head.dataset.name));
      for (const [row, all] of cells) row.replaceChildren(...all.filter((_, at) => shown[at]));
    }

    /** Puts rows below those that are there, a part in each frame: the browser paints and listens in between. */
    function grow() {
      cancelAnimationFrame(frame);
      clearTimeout(growing);
      // What stands below stays where it is meanwhile.
      element.style.marginBlockEnd = `${Math.max(0, kept.length - body.rows.length) * height}px`;
      if (body.rows.length >= kept.length) return;
      frame = requestAnimationFrame(() => {
        growing = setTimeout(() => {
          body.append(...kept.slice(body.rows.length, body.rows.length + PART));
          grow();
        });
      });
    }

    /** Puts all rows there that are to come: for paper, and for a link to one of them. */
    function complete() {
      body.append(...kept.slice(body.rows.length));
      grow();
    }

    function show() {
      choose();
      const before = kept;
      const tests = filters.map(asked).filter(Boolean);
      kept = order().filter((index) => tests.every((fits) => fits(index))).map((index) => rows[index]);
      if (kept.length !== before.length || kept.some((row, at) => row !== before[at])) {
        // All rows leave at once; taken away one by one, they cost more than what is painted next.
        const fresh = body.cloneNode(false);
        body.remove();
        fresh.append(...(kept.length ? kept.slice(0, PART) : [none]));
        element.append(fresh);
        body = fresh;
        grow();
      }
      for (const [at, head] of heads.entries()) {
        if (at === sorted.at) head.ariaSort = sorted.down ? "descending" : "ascending";
        else head.removeAttribute("aria-sort");
      }
      const all = rows.length === 1 ? "1 row" : `${rows.length} rows`;
      if (found) found.textContent = kept.length === rows.length ? all : `${kept.length} of ${all}`;
    }

    /** Sets fields and order from the address; what it does not name is as the page has it. */
    function read(address) {
      const chosen = address.get(`${id}.columns`)?.split(",");
      for (const field of columns) field.checked = chosen ? chosen.includes(field.value) : field.defaultChecked;
      for (const field of filters) {
        const value = address.get(`${id}.${field.name}`);
        if (field.type === "checkbox") field.checked = value === null ? field.defaultChecked : value === "yes";
        else if (field.tagName === "SELECT") {
          const known = [...field.options].some((option) => option.value === value);
          field.value = known ? value : initial(field);
        } else field.value = value ?? "";
      }
      const named = address.get(`${id}.sort`) ?? "";
      const at = heads.findIndex((head) => "name" in head.dataset && head.dataset.name === named.replace(/^-/, ""));
      sorted = { at, down: named.startsWith("-") };
      show();
    }

    /** Writes what differs from the page as it is into an address. */
    function write(address) {
      for (const name of [...address.keys()].filter((key) => key.startsWith(`${id}.`))) address.delete(name);
      if (columns.some((field) => field.checked !== field.defaultChecked)) {
        address.set(`${id}.columns`, columns.filter((field) => field.checked).map((field) => field.value).join(","));
      }
      for (const field of filters) {
        if (field.type === "checkbox") {
          if (field.checked !== field.defaultChecked) address.set(`${id}.${field.name}`, field.checked ? "yes" : "no");
        } else {
          const plain = field.tagName === "SELECT" ? initial(field) : "";
          if (field.value !== plain) address.set(`${id}.${field.name}`, field.value);
        }
      }
      if (sorted.at >= 0) address.set(`${id}.sort`, `${sorted.down ? "-" : ""}${heads[sorted.at].dataset.name}`);
    }

    /** Takes every filter away that hides one row. */
    function reveal(row) {
      complete();
      if (row.isConnected) return;
      for (const field of filters) {
        if (field.type === "checkbox") field.checked = true;
        else field.value = "";
      }
      show();
      complete();
      save();
    }

    new ResizeObserver(([{ contentRect }]) => { height = contentRect.height / body.rows.length; }).observe(element);
    addEventListener("beforeprint", complete);
    if (form) {
      form.hidden = false;
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("input", () => { show(); saveLater(); });
      form.addEventListener("reset", () => setTimeout(() => { sorted = { at: -1, down: false }; show(); save(); }));
    }
    return { id, rows, read, write, reveal };
  }

  /** The value that a list of choices has when the page is opened. */
  function initial(list) {
    return ([...list.options].find((option) => option.defaultSelected) ?? list.options[0]).value;
  }

  let ready = false;
  function save() {
    if (!ready) return;
    const address = new URL(location.href);
    for (const each of boards) each.write(address.searchParams);
    if (address.href !== location.href) history.replaceState(null, "", address);
  }

  /** Once the rows are painted: a browser takes as long for an address as for sorting. */
  function saveLater() {
    requestAnimationFrame(() => setTimeout(save));
  }

  function read() {
    ready = false;
    for (const each of boards) each.read(new URLSearchParams(location.search));
    ready = true;
  }

  /** Opens what the address points to: its row comes into sight, and so does what it is folded in. */
  function open() {
    const name = decodeURIComponent(location.hash.slice(1));
    if (!name) return;
    for (const each of boards) {
      const row = each.rows.find((row) => row.id === name || row.querySelector(`[id="${CSS.escape(name)}"]`));
      if (row) each.reveal(row);
    }
    const target = document.getElementById(name);
    if (!target) return;
    const folded = target.matches("tr") ? target.querySelector("details") : target.closest("details");
    if (folded) folded.open = true;
    target.scrollIntoView();
  }

  // A link to this page with other fields changes them in place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches("a.copy")) navigator.clipboard?.writeText(link.href).then(() => { link.dataset.copied = "copied"; });
    if (!link.getAttribute("href").startsWith("?")) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    read();
    open();
  });
  // A click on a row opens it, unless it is on something that has a use of its own or selects text.
  document.addEventListener("click", (event) => {
    const folded = event.target.closest("tr.opens")?.querySelector("details");
    if (!folded || event.target.closest("a, summary, details, button") || String(getSelection())) return;
    folded.open = !folded.open;
  });
  addEventListener("hashchange", open);
  addEventListener("popstate", () => { read(); open(); });
  if (boards.length) document.documentElement.classList.add("sorted");
  read();
  open();
})();
