#include "links/bitbucket/hooks.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace linkspan::bitbucket::data_center
{
namespace
{

namespace json = boost::json;

json::value const* hook_member(json::value const& of, std::string_view pointer)
{
    boost::system::error_code failure;
    return of.find_pointer(pointer, failure);
}

std::optional<std::int64_t> hook_number(json::value const& of, std::string_view pointer)
{
    auto const* found = hook_member(of, pointer);
    if (found == nullptr || !found->is_int64() || found->get_int64() < 0)
        return std::nullopt;
    return found->get_int64();
}

// Of a server of 10.0 and later a text.
std::optional<time_point> hook_moment(json::value const& of, std::string const& invocation)
{
    for (auto const* part : {"/finish", "/start"})
    {
        if (auto const number = hook_number(of, invocation + part))
            return from_milliseconds(*number);
        auto const* found = hook_member(of, invocation + part);
        if (found == nullptr || !found->is_string())
            continue;
        if (auto const read = parse_time(std::string_view(found->get_string())))
            return *read;
    }
    return std::nullopt;
}

hook_record record_of(json::value const& hook)
{
    hook_record out;
    if (auto const* active = hook_member(hook, "/active"); active != nullptr && active->is_bool())
        out.is_active = active->get_bool();
    out.successes = hook_number(hook, "/statistics/counts/successes");
    auto const failures = hook_number(hook, "/statistics/counts/failures");
    auto const errors = hook_number(hook, "/statistics/counts/errors");
    if (failures || errors)
        out.failures = failures.value_or(0) + errors.value_or(0);
    out.succeeded_at = hook_moment(hook, "/statistics/lastSuccess");
    out.failed_at =
        std::max(hook_moment(hook, "/statistics/lastFailure"), hook_moment(hook, "/statistics/lastError"));
    return out;
}

}  // namespace

std::vector<shown_hook> read_hooks(json::array const& values)
{
    std::vector<shown_hook> out;
    for (auto const& value : values)
    {
        if (!value.is_object())
            continue;
        auto& one = out.emplace_back();
        if (auto const* url = hook_member(value, "/url"); url != nullptr && url->is_string())
            one.url = std::string(url->get_string());
        one.record = record_of(value);
    }
    return out;
}

}  // namespace linkspan::bitbucket::data_center
