// expect: cmd must not include <boost/beast/http.hpp>
// expect: cmd must not include <sqlite3.h>
// expect: cmd must not include <curl/curl.h>
// expect: cmd must not include <cmark-gfm.h>
#include "links/net/server.hpp"

#include <CLI/CLI.hpp>
#include <boost/beast/http.hpp>
#include <cmark-gfm.h>
#include <curl/curl.h>
#include <prometheus/registry.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
