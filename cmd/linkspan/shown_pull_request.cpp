#include "cmd/linkspan/shown_pull_request.hpp"

namespace linkspan::shown
{
namespace
{

namespace json = boost::json;

// Dates are milliseconds, or texts since 10.0.
std::optional<time_point> moment_of(json::value const& of, std::string_view pointer)
{
    if (auto const number = number_of(of, pointer))
        return from_milliseconds(*number);
    auto const* found = member(of, pointer);
    if (found == nullptr || !found->is_string())
        return std::nullopt;
    auto const read = parse_time(std::string_view(found->as_string()));
    return read ? std::optional(*read) : std::nullopt;
}

}  // namespace

json::value const* member(json::value const& of, std::string_view pointer)
{
    boost::system::error_code failure;
    return of.find_pointer(pointer, failure);
}

std::optional<std::int64_t> number_of(json::value const& of, std::string_view pointer)
{
    auto const* found = member(of, pointer);
    if (found == nullptr || !found->is_int64())
        return std::nullopt;
    return found->as_int64();
}

std::optional<time_point> changed_at(json::value const& pull_request)
{
    std::optional<time_point> out;
    for (auto const* pointer : {"/updatedDate", "/closedDate", "/createdDate"})
        if (auto const at = moment_of(pull_request, pointer); at && (!out || *at > *out))
            out = at;
    return out;
}

bool is_open_there(json::value const& pull_request)
{
    auto const* state = member(pull_request, "/state");
    return state != nullptr && state->is_string() && state->as_string() == "OPEN";
}

json::value const& repository_in(json::value const& pull_request, edition of)
{
    static json::value const nothing;
    auto const* found =
        member(pull_request, of == edition::cloud ? "/destination/repository" : "/toRef/repository");
    return found == nullptr ? nothing : *found;
}

std::string id_of_repository(json::array const& pull_requests)
{
    for (auto const& one : pull_requests)
        if (auto const id = number_of(one, "/toRef/repository/id"))
            return std::to_string(*id);
    return {};
}

std::string head_to_ask(json::value const& pull_request, edition of)
{
    auto const* commit = member(pull_request, "/fromRef/latestCommit");
    bool const is_known = commit != nullptr && commit->is_string();
    if (of != edition::data_center || !is_known || !is_open_there(pull_request))
        return {};
    return std::string(commit->as_string());
}

std::set<std::int64_t> numbers_of(json::array const& pull_requests)
{
    std::set<std::int64_t> out;
    for (auto const& one : pull_requests)
        out.insert(number_of(one, "/id").value_or(0));
    return out;
}

}  // namespace linkspan::shown
