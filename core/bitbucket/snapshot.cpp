#include "core/bitbucket/snapshot.hpp"

#include "core/event/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace linkspan
{
namespace
{

namespace json = boost::json;

json::object numbers(std::map<std::string, std::int64_t> const& in)
{
    json::object out;
    for (auto const& [name, number] : in)
        out.emplace(name, number);
    return out;
}

std::map<std::string, std::int64_t> numbers(json::object const& in, char const* member)
{
    std::map<std::string, std::int64_t> out;
    if (auto const* found = in.if_contains(member); found != nullptr && found->is_object())
        for (auto const& [name, number] : found->get_object())
            if (number.is_int64())
                out.emplace(name, number.get_int64());
    return out;
}

bool is_set(json::object const& in, char const* member)
{
    auto const* found = in.if_contains(member);
    return found != nullptr && found->is_bool() && found->get_bool();
}

// The members that may be missing, by name.
auto optional_numbers(auto& snapshot)
{
    return std::array{
        std::pair("order", &snapshot.order),
        std::pair("fields_at", &snapshot.fields_at),
        std::pair("participants_at", &snapshot.participants_at)};
}

auto comment_numbers(auto& snapshot)
{
    return std::array{
        std::pair("created_at", &snapshot.created_at),
        std::pair("order", &snapshot.order),
        std::pair("quiet_order", &snapshot.quiet_order),
        std::pair("seen_order", &snapshot.seen_order),
        std::pair("resolved_at", &snapshot.resolved_at),
        std::pair("absent_at", &snapshot.absent_at)};
}

auto comment_texts(auto& snapshot)
{
    return std::array{std::pair("text", &snapshot.text), std::pair("told_text", &snapshot.told_text)};
}

json::array to_json(reaction_list const& all)
{
    json::array out;
    for (auto const& one : all)
        out.push_back(json::object{{"emoticon", one.emoticon}, {"id", one.who.id}, {"name", one.who.name}});
    return out;
}

std::optional<reaction_list> reactions_in(json::object const& in)
{
    auto const* found = in.if_contains("reactions");
    if (found == nullptr || !found->is_array())
        return std::nullopt;
    reaction_list out;
    for (auto const& value : found->get_array())
    {
        auto const* one = value.if_object();
        if (one == nullptr)
            continue;
        auto const text = [&](char const* name)
        {
            auto const* member = one->if_contains(name);
            return member != nullptr && member->is_string() ? std::string(member->get_string())
                                                            : std::string();
        };
        auto& next = out.emplace_back();
        next.emoticon = text("emoticon");
        next.who.id = text("id");
        next.who.name = text("name");
    }
    return out;
}

}  // namespace

std::string to_json_text(pull_request_snapshot const& snapshot)
{
    json::object out{{"state", to_json(snapshot.state)}};
    for (auto const& [name, number] : optional_numbers(snapshot))
        if (*number)
            out.emplace(name, **number);
    out.emplace("revisions", numbers(snapshot.revisions));
    out.emplace("reviewed_at", numbers(snapshot.reviewed_at));
    if (snapshot.deleted)
        out.emplace("deleted", true);
    return json::serialize(out);
}

result<pull_request_snapshot> snapshot_from_json(std::string_view text)
{
    boost::system::error_code failure;
    auto const value = json::parse(text, failure);
    auto const* object = failure ? nullptr : value.if_object();
    auto const* state = object == nullptr ? nullptr : object->if_contains("state");
    if (state == nullptr || !state->is_object())
        return error(errc::invalid, "snapshot: not what this program writes");
    auto read = pull_request_from_json(state->get_object());
    if (!read)
        return read.error();
    pull_request_snapshot out;
    out.state = std::move(*read);
    for (auto const& [name, number] : optional_numbers(out))
        if (auto const* found = object->if_contains(name); found != nullptr && found->is_int64())
            *number = found->get_int64();
    out.revisions = numbers(*object, "revisions");
    out.reviewed_at = numbers(*object, "reviewed_at");
    out.deleted = is_set(*object, "deleted");
    return out;
}

std::string to_json_text(comment_snapshot const& snapshot)
{
    json::object out{{"id", snapshot.id}};
    for (auto const& [name, number] : comment_numbers(snapshot))
        if (*number)
            out.emplace(name, **number);
    for (auto const& [name, text] : comment_texts(snapshot))
        if (*text)
            out.emplace(name, **text);
    if (snapshot.task)
        out.emplace("task", *snapshot.task == task_state::resolved ? "resolved" : "open");
    if (snapshot.resolved)
        out.emplace("resolved", *snapshot.resolved);
    if (snapshot.is_added)
        out.emplace("added", true);
    if (snapshot.deleted)
        out.emplace("deleted", true);
    if (snapshot.reactions)
        out.emplace("reactions", to_json(*snapshot.reactions));
    out.emplace("revisions", numbers(snapshot.revisions));
    return json::serialize(out);
}

result<comment_snapshot> comment_snapshot_from_json(std::string_view text)
{
    boost::system::error_code failure;
    auto const value = json::parse(text, failure);
    auto const* object = failure ? nullptr : value.if_object();
    auto const* id = object == nullptr ? nullptr : object->if_contains("id");
    if (id == nullptr || !id->is_int64())
        return error(errc::invalid, "comment: not what this program writes");
    comment_snapshot out;
    out.id = id->get_int64();
    for (auto const& [name, number] : comment_numbers(out))
        if (auto const* found = object->if_contains(name); found != nullptr && found->is_int64())
            *number = found->get_int64();
    for (auto const& [name, kept] : comment_texts(out))
        if (auto const* found = object->if_contains(name); found != nullptr && found->is_string())
            *kept = std::string(found->get_string());
    if (auto const* found = object->if_contains("task"); found != nullptr && found->is_string())
        out.task = found->get_string() == "resolved" ? task_state::resolved : task_state::open;
    if (auto const* found = object->if_contains("resolved"); found != nullptr && found->is_bool())
        out.resolved = found->get_bool();
    out.is_added = is_set(*object, "added");
    out.deleted = is_set(*object, "deleted");
    out.reactions = reactions_in(*object);
    out.revisions = numbers(*object, "revisions");
    return out;
}

}  // namespace linkspan
