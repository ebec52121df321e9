#include "cmd/linkspan/polled_source.hpp"

#include "cmd/linkspan/ingest.hpp"
#include "core/bitbucket/reading.hpp"

#include <algorithm>
#include <charconv>

namespace linkspan
{
namespace
{

constexpr std::string_view polled_cloud_instance = "bitbucket.org";

std::string without_slash(std::string_view url)
{
    while (url.ends_with('/'))
        url.remove_suffix(1);
    return std::string(url);
}

bool is_same_source(polled_source const& one, polled_source const& other)
{
    return one.name == other.name && one.edition == other.edition && one.instance == other.instance &&
           one.link.id == other.link.id && one.link.kind == other.link.kind &&
           one.link.updated_at == other.link.updated_at && one.workspace == other.workspace &&
           one.projects == other.projects && one.repositories == other.repositories &&
           one.is_poll_only == other.is_poll_only;
}

// Rows of both paths must name one instance: else the same happening would be told twice.
std::string instance_of_source(
    source_config const& source,
    open_link const& api,
    std::vector<source_config> const& sources,
    link_directory const& links
)
{
    if (!source.instance.empty())
        return source.instance;
    if (auto const* webhook = source.webhook.empty() ? nullptr : links.find(source.webhook))
        return instance_of(*webhook, sources);
    if (source.edition == edition::cloud)
        return std::string(polled_cloud_instance);
    return without_slash(value_of(api.fields, api.kind->fields, "base_url"));
}

}  // namespace

std::vector<polled_source> polled_sources(
    std::vector<source_config> const& sources, link_directory const& links
)
{
    std::vector<polled_source> out;
    for (auto const& source : sources)
    {
        auto const* link = source.api.empty() ? nullptr : links.find(source.api);
        if (link == nullptr || link->kind->open_api == nullptr || link->kind->asks != source.edition)
            continue;
        auto& one = out.emplace_back();
        one.name = source.name;
        one.edition = source.edition;
        one.instance = instance_of_source(source, *link, sources, links);
        one.link = *link;
        one.workspace = source.workspace;
        one.projects = source.projects;
        one.repositories = source.repositories;
        one.is_poll_only = source.poll_only;
        if (auto const* hook = source.webhook.empty() ? nullptr : links.find(source.webhook))
        {
            one.webhook_names.push_back(hook->id.value);
            if (hook->name)
                one.webhook_names.push_back(*hook->name);
        }
    }
    return out;
}

std::set<std::string> unchanged_sources(
    std::vector<polled_source> const& before, std::vector<polled_source> const& after
)
{
    std::set<std::string> out;
    if (!std::ranges::equal(before, after, {}, &polled_source::name, &polled_source::name))
        return out;
    for (std::size_t i = 0; i < after.size(); ++i)
        if (is_same_source(before[i], after[i]))
            out.insert(after[i].name);
    return out;
}

polled_source const* source_for(
    std::vector<polled_source> const& sources, std::string_view instance, std::string_view full_name
)
{
    auto const owner = full_name.substr(0, full_name.find('/'));
    polled_source const* best = nullptr;
    int best_rank = 0;
    for (auto const& one : sources)
    {
        if (one.instance != instance)
            continue;
        int rank = 0;
        if (std::ranges::find(one.repositories, full_name) != one.repositories.end())
            rank = 3;
        else if (one.workspace == owner || std::ranges::find(one.projects, owner) != one.projects.end())
            rank = 2;
        else if (!one.names_any())
            rank = 1;
        if (rank > best_rank)
        {
            best = &one;
            best_rank = rank;
        }
    }
    return best;
}

std::optional<bitbucket::repository_place> place_of(std::string_view full_name)
{
    auto const slash = full_name.find('/');
    if (slash == full_name.npos || slash == 0 || slash + 1 == full_name.size() ||
        full_name.find('/', slash + 1) != full_name.npos)
        return std::nullopt;
    return bitbucket::repository_place(
        std::string(full_name.substr(0, slash)), std::string(full_name.substr(slash + 1))
    );
}

boost::json::object shown_repository(edition of, std::string_view id, std::string_view full_name)
{
    boost::json::object out;
    if (of == edition::cloud)
    {
        out["uuid"] = id;
        out["full_name"] = full_name;
        return out;
    }
    std::int64_t number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    out["id"] = number;
    if (auto const place = place_of(full_name))
    {
        out["slug"] = place->slug;
        out["project"] = boost::json::object({{"key", place->owner}});
    }
    return out;
}

namespace
{

inbox_entry asked_row(polled_source const& source, event_origin origin, time_point now)
{
    inbox_entry out;
    out.link = source.link.id.value;
    out.edition = source.edition;
    out.instance = source.instance;
    out.origin = origin;
    out.headers = "{}";
    out.received_at = now;
    return out;
}

}  // namespace

inbox_entry row_of(
    polled_source const& source, event_origin origin, look_answers const& shown, time_point now
)
{
    auto out = asked_row(source, origin, now);
    out.event_key = look_key;
    out.body = look_body(shown);
    return out;
}

inbox_entry row_of(
    polled_source const& source, event_origin origin, build_answers const& shown, time_point now
)
{
    auto out = asked_row(source, origin, now);
    out.event_key = builds_key;
    out.body = builds_body(shown);
    return out;
}

}  // namespace linkspan
