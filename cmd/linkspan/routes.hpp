#pragma once
#include "links/net/http.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace linkspan
{

enum class listener
{
    open,   // [server] listen
    admin,  // [server] admin_listen
};

enum class endpoint
{
    webhook,   // a delivery of Bitbucket
    start,     // a person begins to sign in
    callback,  // the service sends the person back
    healthz,   // the process lives
    readyz,    // it does its work
    metrics,
};

// One thing that the program answers.
struct route_row
{
    listener on;
    std::string_view verb;
    std::string_view path;  // a last segment "<link>" stands for any one segment
    endpoint leads_to;
};

// All of them: docs/reference/http.md is checked against it.
std::span<route_row const> routes();

struct route_match
{
    endpoint leads_to = endpoint::healthz;
    std::string parameter;  // what stood for "<link>"
};

// Where a request leads, or the answer that refuses it: 400 for a bad target, 404, 405 with Allow. HEAD goes
// where GET does.
std::variant<route_match, http_response> find_route(
    listener on, std::string_view verb, std::string_view target
);

}  // namespace linkspan
