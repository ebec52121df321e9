#include "tests/simulators/bitbucket_cloud_query.hpp"

#include "core/base/time.hpp"

#include <boost/algorithm/string/find_iterator.hpp>
#include <boost/algorithm/string/finder.hpp>
#include <boost/algorithm/string/split.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace linkspan::test::simulated_cloud
{
namespace
{

namespace json = boost::json;

// The members that are named of one value; all of them where it is whole.
struct selection
{
    bool is_whole = false;
    std::map<std::string, selection, std::less<>> members;

    void add(std::string_view path)
    {
        auto const dot = std::min(path.find('.'), path.size());
        auto& inner = members[std::string(path.substr(0, dot))];
        if (dot == path.size())
            inner.is_whole = true;
        else
            inner.add(path.substr(dot + 1));
    }

    selection const* find(std::string_view name) const
    {
        auto found = members.find(name);
        if (found == members.end())
            found = members.find("*");
        return found == members.end() ? nullptr : &found->second;
    }
};

json::value selected(json::value const& of, selection const& wanted)
{
    if (wanted.is_whole)
        return of;
    if (auto const* const list = of.if_array())
    {
        json::array out;
        for (auto const& element : *list)
            out.push_back(selected(element, wanted));
        return out;
    }
    json::object out;
    auto const* const members = of.if_object();
    if (members == nullptr)
        return of;
    for (auto const& [name, member] : *members)
        if (auto const* const inner = wanted.find(name); inner != nullptr)
            out.emplace(name, selected(member, *inner));
    return out;
}

void remove_member(json::value& of, std::string_view path)
{
    if (auto* const list = of.if_array())
        for (auto& element : *list)
            remove_member(element, path);
    auto* const members = of.if_object();
    if (members == nullptr)
        return;
    auto const dot = std::min(path.find('.'), path.size());
    auto const first = path.substr(0, dot);
    if (dot == path.size())
        members->stable_erase(first);
    else if (auto* const inner = members->if_contains(first))
        remove_member(*inner, path.substr(dot + 1));
}

// A moment in microseconds: Bitbucket compares finer than it is read here.
std::optional<std::int64_t> microseconds_of(std::string_view text)
{
    auto const moment = parse_time(text);
    if (!moment)
        return std::nullopt;
    auto out = to_milliseconds(*moment) * 1000;
    auto const dot = text.find('.');
    std::int64_t unit = 100;
    for (std::size_t at = dot == text.npos ? text.size() : dot + 4;
         unit > 0 && at < text.size() && text[at] >= '0' && text[at] <= '9';
         ++at, unit /= 10)
        out += (text[at] - '0') * unit;
    return out;
}

// Less than 0, 0, more than 0; texts that are moments by the moment.
int compared(json::value const& left, json::value const& right)
{
    auto const sign = [](auto const& a, auto const& b) { return a < b ? -1 : a > b ? 1 : 0; };
    if (left.is_int64() && right.is_int64())
        return sign(left.get_int64(), right.get_int64());
    auto const text = [](json::value const& of)
    { return of.is_string() ? std::string(of.get_string()) : std::string(); };
    auto const a = text(left);
    auto const b = text(right);
    auto const a_at = microseconds_of(a);
    auto const b_at = microseconds_of(b);
    return a_at && b_at ? sign(*a_at, *b_at) : sign(a, b);
}

json::value member_of(json::value const& item, std::string_view name)
{
    json::value const* at = &item;
    while (!name.empty())
    {
        auto const dot = std::min(name.find('.'), name.size());
        auto const* const members = at->if_object();
        at = members == nullptr ? nullptr : members->if_contains(name.substr(0, dot));
        if (at == nullptr)
            return nullptr;
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return *at;
}

struct clause
{
    std::string member;
    std::string sign;
    json::value value;

    bool holds(json::value const& item) const
    {
        int const order = compared(member_of(item, member), value);
        if (sign == "=")
            return order == 0;
        if (sign == "!=")
            return order != 0;
        return sign.starts_with('>') ? order > 0 || (order == 0 && sign == ">=")
                                     : order < 0 || (order == 0 && sign == "<=");
    }
};

std::optional<clause> clause_of(std::string text)
{
    constexpr std::array<std::string_view, 6> signs = {">=", "<=", "!=", ">", "<", "="};
    boost::algorithm::trim(text);
    for (auto const sign : signs)
    {
        auto const at = text.find(sign);
        if (at == text.npos)
            continue;
        clause out;
        out.member = boost::algorithm::trim_copy(text.substr(0, at));
        out.sign = std::string(sign);
        auto value = boost::algorithm::trim_copy(text.substr(at + sign.size()));
        bool const is_number = !value.empty() && value.size() < 18 &&
                               std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
        if (is_number)
            out.value = std::int64_t(std::stoll(value));
        else if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            out.value = json::string(value.substr(1, value.size() - 2));
        else if (parse_time(value))
            out.value = json::string(value);
        else
            return std::nullopt;
        return out.member.empty() ? std::nullopt : std::optional(std::move(out));
    }
    return std::nullopt;
}

}  // namespace

json::value trimmed(json::value whole, std::string_view fields, std::vector<std::string> const& left_out)
{
    std::vector<std::string> named;
    boost::algorithm::split(named, fields, [](char c) { return c == ','; });
    selection wanted;
    std::vector<std::string> added;
    std::vector<std::string> removed;
    bool is_partial = false;
    for (auto& name : named)
    {
        boost::algorithm::trim(name);
        if (name.starts_with('-'))
            removed.push_back(name.substr(1));
        else if (name.starts_with('+'))
            added.push_back(name.substr(1));
        else if (!name.empty())
            is_partial = true, wanted.add(name);
    }
    for (auto const& name : added)
        wanted.add(name);
    if (is_partial)
        whole = selected(whole, wanted);
    else
        for (auto const& member : left_out)
            if (std::ranges::none_of(added, [&](auto const& name) { return name.starts_with(member); }))
                remove_member(whole, member);
    for (auto const& name : removed)
        remove_member(whole, name);
    return whole;
}

std::optional<item_filter> filter_of(std::string_view q)
{
    std::vector<clause> clauses;
    std::string const text(q);
    using pieces = boost::algorithm::split_iterator<std::string::const_iterator>;
    for (auto piece = pieces(text, boost::algorithm::first_finder(" AND ", boost::algorithm::is_iequal()));
         piece != pieces();
         ++piece)
    {
        auto one = clause_of(std::string(piece->begin(), piece->end()));
        if (!one)
            return std::nullopt;
        clauses.push_back(std::move(*one));
    }
    return [clauses = std::move(clauses)](json::value const& item)
    { return std::ranges::all_of(clauses, [&](clause const& one) { return one.holds(item); }); };
}

void sort_items(json::array& items, std::string_view sort)
{
    bool const is_descending = sort.starts_with('-');
    auto const member = std::string(sort.substr(is_descending ? 1 : 0));
    std::stable_sort(
        items.begin(),
        items.end(),
        [&](json::value const& left, json::value const& right)
        {
            int const order = compared(member_of(left, member), member_of(right, member));
            return is_descending ? order > 0 : order < 0;
        }
    );
}

}  // namespace linkspan::test::simulated_cloud
