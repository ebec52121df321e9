#include "cmd/linkspan/routes.hpp"

#include "cmd/linkspan/respond.hpp"
#include "core/base/request_target.hpp"

#include <array>

namespace linkspan
{
namespace
{

constexpr std::string_view parameter_mark = "<link>";
constexpr std::string_view callback_path = "/callback";

constexpr std::array table = {
    route_row{listener::open, "POST", "/webhook/<link>", endpoint::webhook},
    route_row{listener::open, "GET", "/start", endpoint::start},
    route_row{listener::open, "GET", callback_path, endpoint::callback},
    route_row{listener::open, "GET", "/healthz", endpoint::healthz},
    route_row{listener::admin, "GET", "/healthz", endpoint::healthz},
    route_row{listener::admin, "GET", "/readyz", endpoint::readyz},
    route_row{listener::admin, "GET", "/metrics", endpoint::metrics},
};

// Whether a path of the table is that of a request.
bool fits(std::string_view path, std::vector<std::string> const& segments, std::string& parameter)
{
    for (auto const& segment : segments)
    {
        if (path.empty())
            return false;
        path.remove_prefix(1);
        auto const wanted = path.substr(0, path.find('/'));
        if (wanted == parameter_mark && !segment.empty())
            parameter = segment;
        else if (wanted != segment)
            return false;
        path.remove_prefix(wanted.size());
    }
    return path.empty();
}

}  // namespace

std::span<route_row const> routes()
{
    return table;
}

std::variant<route_match, http_response> find_route(
    listener on, std::string_view verb, std::string_view target
)
{
    auto parsed = parse_request_target(target);
    // What a service says in its answer may be longer, and worse, than what anybody else may ask for: the
    // callback reads it by itself, and tells the person in a page.
    if (!parsed && target.substr(0, target.find('?')) == callback_path)
        parsed = parse_request_target(callback_path);
    if (!parsed)
        return respond(parsed.error());
    std::string allowed;
    for (auto const& row : table)
    {
        route_match match;
        if (row.on != on || !fits(row.path, parsed->segments, match.parameter))
            continue;
        if (row.verb == verb || (verb == "HEAD" && row.verb == "GET"))
        {
            match.leads_to = row.leads_to;
            return match;
        }
        allowed += (allowed.empty() ? "" : ", ") + std::string(row.verb);
    }
    if (allowed.empty())
        return respond(404, "there is nothing here");
    auto refused = respond(405, "this address takes " + allowed);
    refused.headers.push_back({"Allow", allowed});
    return refused;
}

}  // namespace linkspan
