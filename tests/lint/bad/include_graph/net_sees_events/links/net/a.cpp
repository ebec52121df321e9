// expect: links/net must not include core/event/event.hpp
// expect: links/net must not include links/link.hpp
#include "core/base/error.hpp"
#include "core/event/event.hpp"
#include "links/link.hpp"
