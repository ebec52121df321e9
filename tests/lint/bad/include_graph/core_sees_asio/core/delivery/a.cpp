// expect: core must not include <boost/asio/awaitable.hpp>
// expect: core must not include <sqlite3.h>
// expect: core must not include <spdlog/spdlog.h>
// expect: core must not include <openssl/hmac.h>
// expect: core must not include <curl/curl.h>
#include <boost/asio/awaitable.hpp>
#include <curl/curl.h>
#include <openssl/hmac.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
