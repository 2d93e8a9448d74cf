"""What our quick replies send back when they are tapped. Typed words never look like this."""

#: a STOP by button; the scope follows
OPT_OUT = "OPTOUT:"
OPT_OUT_MARKETING = "OPTOUT:marketing"
OPT_OUT_ALL = "OPTOUT:all"
#: the answer "something else" to the question whether somebody wants no more advertising
KEEP = "KEEP:marketing"
#: the answers to a confirmation request, and to a wording that was shown in the chat
YES = "CONFIRM:yes"
NO = "CONFIRM:no"
#: the answers to the question whether everything is to be deleted
ERASE = "ERASE:yes"
KEEP_DATA = "ERASE:no"

#: what each answer means; the kinds are those of optout.Intent
MEANING = {
    OPT_OUT_MARKETING: ("opt_out", "marketing"),
    OPT_OUT_ALL: ("opt_out", "all"),
    KEEP: ("keep", None),
    YES: ("confirm", None),
    NO: ("decline", None),
    ERASE: ("erase_now", None),
    KEEP_DATA: ("keep_data", None),
}
