// expect: core must not include links/link.hpp
#include "links/link.hpp"
