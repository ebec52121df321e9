#include "core/bitbucket/asked_facts.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <optional>
#include <set>
#include <string_view>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// The text at a path of members; nothing where it is not there, empty, or no text.
std::optional<std::string> shown_text(json::value const& in, std::initializer_list<std::string_view> members)
{
    auto const* at = &in;
    for (auto const member : members)
    {
        auto const* object = at->if_object();
        at = object == nullptr ? nullptr
                               : object->if_contains(json::string_view(member.data(), member.size()));
        if (at == nullptr)
            return std::nullopt;
    }
    auto const* text = at->if_string();
    if (text == nullptr || text->empty())
        return std::nullopt;
    return std::string(text->data(), text->size());
}

std::optional<std::string> first_of(std::optional<std::string> one, std::optional<std::string> other)
{
    return one ? std::move(one) : std::move(other);
}

}  // namespace

std::vector<std::string> shown_paths(edition of, json::array const& changes)
{
    std::vector<std::string> out;
    std::set<std::string> seen;
    auto const add = [&](std::optional<std::string> path)
    {
        if (path && seen.insert(*path).second)
            out.push_back(std::move(*path));
    };
    for (auto const& change : changes)
        if (of == edition::cloud)
        {
            add(shown_text(change, {"old", "path"}));
            add(shown_text(change, {"new", "path"}));
        }
        else
        {
            add(shown_text(change, {"srcPath", "toString"}));
            add(shown_text(change, {"path", "toString"}));
        }
    return out;
}

std::vector<commit> shown_commits(edition of, json::array const& commits)
{
    std::vector<commit> out;
    for (auto const& shown : commits)
    {
        bool const is_cloud = of == edition::cloud;
        auto hash = is_cloud ? shown_text(shown, {"hash"}) : shown_text(shown, {"id"});
        if (!hash)
            continue;
        auto& one = out.emplace_back();
        one.hash = std::move(*hash);
        one.message = shown_text(shown, {"message"});
        one.author =
            is_cloud ? first_of(
                           shown_text(shown, {"author", "user", "display_name"}),
                           shown_text(shown, {"author", "raw"})
                       )
                     : first_of(
                           shown_text(shown, {"author", "displayName"}), shown_text(shown, {"author", "name"})
                       );
    }
    return out;
}

}  // namespace linkspan
