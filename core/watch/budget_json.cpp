#include "core/watch/budget_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <limits>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// What all slots together count stays an int.
constexpr std::int64_t slot_count_max = std::numeric_limits<int>::max() / static_cast<int>(budget_slots);
constexpr std::int64_t refusals_max = 1'000'000;
constexpr std::int64_t moment_max = 253'402'300'799'999;  // the end of the year 9999
constexpr double tokens_max = limit_max;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

error no_budget(std::string_view member)
{
    return error(errc::invalid, "budget: not what this program writes: " + std::string(member));
}

// Reads members, and keeps the name of the first that is missing or out of its bounds.
class budget_reader
{
public:
    explicit budget_reader(json::object const& in) : in_(in) {}

    std::string const& fault() const { return fault_; }

    std::int64_t integer(std::string_view member, std::int64_t min, std::int64_t max)
    {
        return whole(member, in_.if_contains(member), min, max);
    }

    double number(std::string_view member, double min, double max)
    {
        boost::system::error_code failure;
        auto const* found = in_.if_contains(member);
        auto const out =
            found != nullptr && found->is_number() ? found->to_number<double>(failure) : not_a_number;
        return !failure && out >= min && out <= max ? out : fail(member);
    }

    std::optional<time_point> moment(std::string_view member)
    {
        if (!in_.contains(member))
            return std::nullopt;
        return from_milliseconds(integer(member, 0, moment_max));
    }

    std::string text(std::string_view member)
    {
        auto const* found = in_.if_contains(member);
        if (found == nullptr)
            return {};
        if (!found->is_string())
        {
            fail(member);
            return {};
        }
        return std::string(found->get_string());
    }

    resource_class resource(std::string_view member)
    {
        auto const name = text(member);
        for (auto const one :
             {resource_class::repositories,
              resource_class::raw_files,
              resource_class::hooks,
              resource_class::data_center})
            if (name_of(one) == name)
                return one;
        fail(member);
        return resource_class::repositories;
    }

    void slots(std::string_view member, std::array<int, budget_slots>& into)
    {
        auto const* found = in_.if_contains(member);
        auto const* list = found == nullptr ? nullptr : found->if_array();
        if (list == nullptr || list->size() > into.size())
        {
            fail(member);
            return;
        }
        std::ranges::transform(
            *list,
            into.begin(),
            [&](json::value const& one) { return static_cast<int>(whole(member, &one, 0, slot_count_max)); }
        );
    }

    int fail(std::string_view member)
    {
        if (fault_.empty())
            fault_ = member;
        return 0;
    }

private:
    std::int64_t whole(std::string_view member, json::value const* found, std::int64_t min, std::int64_t max)
    {
        auto const* number = found == nullptr ? nullptr : found->if_int64();
        return number != nullptr && *number >= min && *number <= max ? *number : fail(member);
    }

    json::object const& in_;
    std::string fault_;
};

bool is_slotted(budget const& of)
{
    return of.resource != resource_class::data_center;
}

// Of the slots only those up to the oldest that counts: mostly that is a few of many.
json::array slots_of(budget const& of)
{
    auto const begin = std::find_if(of.spent.rbegin(), of.spent.rend(), [](int count) { return count != 0; });
    return json::array(of.spent.begin(), begin.base());
}

}  // namespace

std::string to_json_text(budget const& of)
{
    json::object out{
        {"resource", name_of(of.resource)},
        {"limit", of.limit},
        {"counted_at", to_milliseconds(of.counted_at)},
        {"refusals", of.refusals}};
    if (is_slotted(of))
        out.emplace("spent", slots_of(of));
    else
    {
        out.emplace("refill_per_second", of.refill_per_second);
        out.emplace("tokens", of.tokens);
    }
    if (of.blocked_until)
        out.emplace("blocked_until", to_milliseconds(*of.blocked_until));
    if (of.probed_at)
        out.emplace("probed_at", to_milliseconds(*of.probed_at));
    if (!of.resource_name.empty())
        out.emplace("resource_name", of.resource_name);
    return json::serialize(out);
}

result<budget> budget_from_json(std::string_view text)
{
    boost::system::error_code failure;
    auto const value = json::parse(text, failure);
    auto const* object = failure ? nullptr : value.if_object();
    if (object == nullptr)
        return no_budget("it is no JSON object");
    budget_reader in(*object);
    budget out;
    out.resource = in.resource("resource");
    out.limit = static_cast<int>(in.integer("limit", limit_min, limit_max));
    out.counted_at = from_milliseconds(in.integer("counted_at", 0, moment_max));
    out.refusals = static_cast<int>(in.integer("refusals", 0, refusals_max));
    if (is_slotted(out))
    {
        in.slots("spent", out.spent);
        if (out.counted_at.time_since_epoch() % budget_slot != milliseconds(0))
            in.fail("counted_at");
    }
    else
    {
        out.refill_per_second = in.number("refill_per_second", 0, limit_max);
        out.tokens = in.number("tokens", -tokens_max, tokens_max);
    }
    out.blocked_until = in.moment("blocked_until");
    out.probed_at = in.moment("probed_at");
    out.resource_name = in.text("resource_name");
    if (!in.fault().empty())
        return no_budget(in.fault());
    return out;
}

}  // namespace linkspan
