// expect: store must not include links/net/http.hpp
// expect: store must not include <CLI/CLI.hpp>
#include "links/net/http.hpp"

#include <CLI/CLI.hpp>
#include <sqlite3.h>
