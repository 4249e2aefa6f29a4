// Tables with data-sorted sort by their heads, are filtered by the form with data-for, and keep both in the address as
// <table>.<field>=<value>. Without this script every row is on the page, and the forms are hidden.
"use strict";

(() => {
  const EMPTY_LAST = {
    asc: (a, b) => (a === "") - (b === "") || a - b,
    desc: (a, b) => (a === "") - (b === "") || b - a,
  };
  DataTable.type("figure", {
    detect: () => false,
    order: { pre: (value) => (value === "" || isNaN(value) ? "" : Number(value)), ...EMPTY_LAST },
  });

  const boards = [...document.querySelectorAll("table[data-sorted]")].map(board);

  /** Makes one table sort and filter; gives what the address and links need. */
  function board(element) {
    const id = element.id;
    const form = document.querySelector(`form[data-for="${id}"]`);
    const found = document.querySelector(`[data-found="${id}"]`);
    const heads = [...element.tHead.rows[0].cells];
    const rows = [...element.tBodies[0].rows];
    const fields = form ? [...form.elements].filter((field) => field.name) : [];
    const narrow = matchMedia("(max-width: 44rem)").matches;
    for (const field of fields) {
      if (field.name === "columns" && narrow) field.defaultChecked = field.checked = "narrow" in field.dataset;
    }
    const table = new DataTable(element, {
      paging: false, info: false, autoWidth: false, layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
      order: [],
      columns: heads.map((head) => ({
        name: head.dataset.name,
        orderable: "name" in head.dataset,
        type: head.classList.contains("num") ? "figure" : "string",
        orderSequence: head.classList.contains("num") && head.dataset.best !== "low" ? ["desc", "asc", ""] : ["asc", "desc", ""],
      })),
      language: { zeroRecords: "No row fits. Reset the filters to see all rows." },
    });
    const words = rows.map((row) => row.textContent.toLowerCase());

    table.search.fixed("form", (_text, _data, index) => fields.every((field) => fits(field, index)));

    /** Whether a row is kept by a field: its words hold the search, its data-<name> the chosen value. */
    function fits(field, index) {
      if (field.type === "search") return words[index].includes(field.value.trim().toLowerCase());
      if (field.name === "columns") return true;
      const held = (rows[index].dataset[field.name] ?? "").split(" ");
      if (field.type === "checkbox") return field.checked || !held.includes(field.value);
      return field.value === "" || held.includes(field.value);
    }

    function show() {
      for (const field of fields.filter((field) => field.name === "columns")) {
        const column = table.column(`${field.value}:name`);
        if (column.visible() !== field.checked) column.visible(field.checked, false);
      }
      table.draw();
      const shown = table.rows({ search: "applied" }).count();
      if (found) found.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
    }

    /** Sets fields and order from the address; what it does not name is as the page has it. */
    function read(address) {
      const columns = address.get(`${id}.columns`)?.split(",");
      for (const field of fields) {
        const value = address.get(`${id}.${field.name}`);
        if (field.name === "columns") field.checked = columns ? columns.includes(field.value) : field.defaultChecked;
        else if (field.type === "checkbox") field.checked = value === null ? field.defaultChecked : value === "yes";
        else if (field.tagName === "SELECT") {
          const known = [...field.options].some((option) => option.value === value);
          field.value = known ? value : initial(field);
        } else field.value = value ?? "";
      }
      const sorted = address.get(`${id}.sort`) ?? "";
      const at = heads.findIndex((head) => "name" in head.dataset && head.dataset.name === sorted.replace(/^-/, ""));
      table.order(at < 0 ? [] : [[at, sorted.startsWith("-") ? "desc" : "asc"]]);
      show();
    }

    /** Writes what differs from the page as it is into an address. */
    function write(address) {
      for (const name of [...address.keys()].filter((key) => key.startsWith(`${id}.`))) address.delete(name);
      const columns = fields.filter((field) => field.name === "columns");
      if (columns.some((field) => field.checked !== field.defaultChecked)) {
        address.set(`${id}.columns`, columns.filter((field) => field.checked).map((field) => field.value).join(","));
      }
      for (const field of fields) {
        if (field.name === "columns") continue;
        if (field.type === "checkbox") {
          if (field.checked !== field.defaultChecked) address.set(`${id}.${field.name}`, field.checked ? "yes" : "no");
        } else {
          const plain = field.tagName === "SELECT" ? initial(field) : "";
          if (field.value !== plain) address.set(`${id}.${field.name}`, field.value);
        }
      }
      const [order] = table.order();
      if (order?.[1]) address.set(`${id}.sort`, `${order[1] === "desc" ? "-" : ""}${heads[order[0]].dataset.name}`);
    }

    /** Takes every filter away that hides one row. */
    function reveal(row) {
      if (row.isConnected) return;
      for (const field of fields.filter((field) => field.name !== "columns")) {
        if (field.type === "checkbox") field.checked = true;
        else field.value = "";
      }
      show();
      save();
    }

    if (form) {
      form.hidden = false;
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("input", () => { show(); save(); });
      form.addEventListener("reset", () => setTimeout(() => { table.order([]); show(); save(); }));
    }
    table.on("order.dt", () => save());
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
