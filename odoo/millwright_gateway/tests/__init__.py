from . import test_operation
from . import test_inbox
from . import test_outbox
from . import test_concurrency
from . import test_manufacturing
from . import test_interface
