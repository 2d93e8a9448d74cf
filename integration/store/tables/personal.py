"""What becomes of columns that lead to a person: every table says it in its columns' `info`.

Merging contacts, erasure, access export and retention are derived from it (`integration.store.personal_data`). A column
says `person(…)` or `nobody(…)`, both with why; a table in which nobody is says `nobody(…)` once. One column of a table
with a person in it `leads(…)` to the person: what it says holds for the whole row.
"""

from dataclasses import dataclass
from typing import Any, Literal

#: row: with its row. move: the row goes over to the contact that is kept. fill: what the kept contact lacks is taken
#: from the other. later: the later of both. stay: as it was. own: `code` does it.
Merge = Literal["row", "move", "fill", "later", "stay", "own"]
#: row: with its row. delete: the whole row goes. blank: emptied. hash: a message id becomes a keyed hash; hash_within:
#: message ids inside the text do. keep: as it was. own: `code` does it.
Erase = Literal["row", "delete", "blank", "hash", "hash_within", "keep", "own"]
HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Personal:
    """What merging, erasure, export and retention do with a column, and why.

    `leads` names the column by whose value a row is found from here ("contact.id"); "" for all but one column of a
    table, and where rows are found by code of their own. `export` is the part of the export that a row stands in,
    "row" for its other columns, "hide" for what is not told. `retain` is the rule of retention that deletes the row
    (where it leads) or empties the column; "row" and "stay": none of its own. `empty` is what is left instead of a
    value, where NULL or nothing will not do. `code` is what does what says "own".
    """

    why: str
    leads: str = ""
    merge: Merge = "row"
    erase: Erase = "row"
    export: str = "row"
    retain: str = "row"
    empty: Any = None
    code: str = ""


Info = dict[Any, Any]


def leads(
    to: str, *, merge: Merge, erase: Erase, export: str, retain: str, why: str, code: str = "", empty: Any = None
) -> Info:
    """The column that leads to the person: all four must be said, for the whole row."""
    return {"person": Personal(why, to, merge, erase, export, retain, empty, code)}


def person(
    why: str,
    *,
    merge: Merge = "row",
    erase: Erase = "row",
    export: str = "row",
    retain: str = "row",
    empty: Any = None,
    code: str = "",
) -> Info:
    """A column that tells of a person: what it does not say happens with its row."""
    return {"person": Personal(why, "", merge, erase, export, retain, empty, code)}


def nobody(why: str) -> Info:
    """A column, or a table, that tells of no customer: no export shows it, erasure leaves it."""
    return {"nobody": why}


#: tells of a person only together with its row
ROW = person("tells of the person by its row only")
OURS = nobody("our own bookkeeping")
HOUSE = nobody("company, shop, number or staff")
CODE = nobody("a word of a fixed list, or a number of Meta's")
