#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/link_directory.hpp"
#include "core/bitbucket/look_body.hpp"
#include "links/bitbucket/api.hpp"
#include "store/inbox.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// A [[source]] whose API may be asked.
struct polled_source
{
    std::string name;
    linkspan::edition edition = linkspan::edition::cloud;
    std::string instance;  // as events of its webhooks have it
    open_link link;        // opens the API: link_template::open_api is set
    std::string workspace;
    std::vector<std::string> projects;
    std::vector<std::string> repositories;
    bool is_poll_only = false;
    std::vector<std::string> webhook_names;  // id and name of the link that receives; none: there is none

    polled_source() = default;

    // Whether it says what to catch up with. Else that is where events came from.
    bool names_any() const { return !workspace.empty() || !projects.empty() || !repositories.empty(); }
};

// Those of the configuration whose api link is there and can be opened. The others are told by `linkspan
// check`, and by the log where the links are read.
std::vector<polled_source> polled_sources(
    std::vector<source_config> const& sources, link_directory const& links
);

// Names of sources about which nothing has changed, their links included, so that what is known of them still
// counts: back-off, lists, when they are due. Where other sources came or went, none: who asks for what may
// have changed.
std::set<std::string> unchanged_sources(
    std::vector<polled_source> const& before, std::vector<polled_source> const& after
);

// Whose credential asks about a repository: of one instance, first who names it, then who has its workspace
// or project, then who names nothing at all. Null where all name others.
polled_source const* source_for(
    std::vector<polled_source> const& sources, std::string_view instance, std::string_view full_name
);

// "acme/api" as a place of the API; nothing where it is no two names.
std::optional<bitbucket::repository_place> place_of(std::string_view full_name);

// A repository of which the id and the full name are known, as the service would show it.
boost::json::object shown_repository(edition of, std::string_view id, std::string_view full_name);

// What was shown, as a row of the inbox.
inbox_entry row_of(
    polled_source const& source, event_origin origin, look_answers const& shown, time_point now
);
inbox_entry row_of(
    polled_source const& source, event_origin origin, build_answers const& shown, time_point now
);

}  // namespace linkspan
