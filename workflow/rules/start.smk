# Asked for once, before the first job starts; a plan or a graph alone needs none of it.


onstart:
    require_what_is_planned()
