"""What schemathesis 4.32 gets wrong of every API whose answers have ids that may be null."""

import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    # It takes ids from answers, and takes a null for one: GET /imports/null, /batches/None. It holds that for a valid request,
    # of which the 400 would be a fault. An id that nobody has is asked for instead.
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for name, value in (case.path_parameters or {}).items():
        if value in (None, "null", "None"):
            case.path_parameters[name] = str(uuid.uuid4())
