#include "tests/support/prism.hpp"

#include "tests/support/running_app.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

std::string prism_program()
{
    char const* const program = std::getenv("LINKSPAN_PRISM");
    return program == nullptr ? std::string() : program;
}

std::vector<std::string> prism_command(std::filesystem::path const& description)
{
    // Port 0: one that is free; it tells which.
    return {"node", prism_program(), "mock", "--host", "127.0.0.1", "--port", "0", description.string()};
}

// What belongs to the one connection, and is written anew on the next.
bool is_of_connection(std::string const& name)
{
    constexpr std::array<char const*, 4> names = {"Host", "Content-Length", "Accept-Encoding", "User-Agent"};
    return std::ranges::any_of(names, [&](char const* one) { return boost::iequals(one, name); });
}

std::vector<std::string> messages_of(json::value const& violations)
{
    std::vector<std::string> out;
    for (auto const& violation : violations.as_array())
        out.emplace_back(violation.at("message").as_string());
    return out;
}

// An answer of its own making, where the description has none for such a request.
std::vector<std::string> refusals_of(std::string const& problem)
{
    auto const said = json::parse(problem);
    if (auto const* const violations = said.as_object().if_contains("validation"); violations != nullptr)
        return messages_of(*violations);
    return {std::string(said.at("title").as_string())};
}

// The header lists the request's faults, and behind them those of the answer that prism made up, which are
// none of ours. A long list is cut, so that as a whole it is no JSON.
std::vector<std::string> violations_of_request(std::string_view listed)
{
    auto const begin = listed.find(R"({"location":["request")");
    if (begin == listed.npos)
        return {};
    auto const end = std::min(listed.find(R"(,{"location":["response")", begin), listed.size() - 1);
    auto const own = "[" + std::string(listed.substr(begin, end - begin)) + "]";
    boost::system::error_code failure;
    auto const violations = json::parse(own, failure);
    return failure ? std::vector{own} : messages_of(violations);
}

}  // namespace

bool prism::is_installed()
{
    auto const program = prism_program();
    return !program.empty() && std::filesystem::exists(program);
}

prism::prism(std::filesystem::path const& description, std::string base)
    : base_(std::move(base)),
      program_(prism_command(description)),
      url_("http://" + program_.wait_for_out("Prism is listening on http://"))
{
}

std::vector<std::string> prism::faults(http_request const& asked) const
{
    if (!asked.target.starts_with(base_ + "/"))
        return {asked.target + " is not below " + base_};
    http_request passed(asked.method, url_ + asked.target.substr(base_.size()));
    for (auto const& header : asked.headers)
        if (!is_of_connection(header.name))
            passed.headers.push_back(header);
    passed.body = asked.body;
    auto const answer = exchange_with(std::move(passed));
    if (answer.status == 0)
        return {"prism gives no answer"};
    if (find_header(answer.headers, "Content-Type").starts_with("application/problem+json"))
        return refusals_of(answer.body);
    return violations_of_request(find_header(answer.headers, "sl-violations"));
}

}  // namespace linkspan::test
