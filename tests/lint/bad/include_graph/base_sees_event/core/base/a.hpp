// expect: core/base must not include core/event/event.hpp
#include "core/event/event.hpp"
