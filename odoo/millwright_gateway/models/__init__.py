from . import allowed
from . import store
from . import watch
from . import outbox
from . import reader
from . import tracker
from . import inbox
from . import gateway
