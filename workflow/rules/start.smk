# Asked for once, before the first job starts; a plan or a graph alone needs none of it.


onstart:
    require_what_is_planned()
    stop_at_sigterm()


# However a run ends before its time; jobs that failed have said why.
onerror:
    print(AGAIN, file=sys.stderr)
