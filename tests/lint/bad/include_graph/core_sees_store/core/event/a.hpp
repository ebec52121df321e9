// expect: core/event must not include store/inbox.hpp
#include "store/inbox.hpp"
