#include "cmd/linkspan/source_pace.hpp"

#include "cmd/linkspan/asking_command.hpp"
#include "core/base/text.hpp"
#include "store/budgets.hpp"
#include "store/watched_repositories.hpp"

#include <set>

namespace linkspan
{
namespace
{

// For what it would be, where nobody has counted them.
constexpr int many_repositories = 100;

// Rounded up: nobody is promised more than is done.
std::string beat_words(milliseconds beat)
{
    auto const minutes = (beat.count() + 59'999) / 60'000;
    if (minutes <= 1)
        return "every minute";
    return minutes == 60 ? "every hour" : "every " + std::to_string(minutes) + " minutes";
}

std::optional<int> count_of(
    polled_source const& source, std::vector<polled_source> const& all, transaction& tx
)
{
    if (source.workspace.empty() && source.projects.empty() && !source.repositories.empty())
        return static_cast<int>(source.repositories.size());
    auto const watched = list_watched(tx);
    if (!watched)
        return std::nullopt;
    std::set<std::string> names(source.repositories.begin(), source.repositories.end());
    bool has_seen = false;
    for (auto const& one : *watched)
    {
        auto const* asks = source_for(all, one.instance, one.full_name);
        if (asks == nullptr || asks->name != source.name)
            continue;
        has_seen = true;
        names.insert(one.full_name);
    }
    return has_seen ? std::optional(static_cast<int>(names.size())) : std::nullopt;
}

}  // namespace

result<std::vector<source_pace>> read_paces(transaction& tx, profile_paths const& paths, config const& asked)
{
    auto const polled = read_polled_sources(tx, paths, asked.sources);
    if (!polled)
        return polled.error();
    std::vector<source_pace> out;
    for (auto const& source : *polled)
    {
        auto const held = load_budget(tx, source.link.id, resource_of(source.edition));
        if (!held)
            return held.error();
        auto& one = out.emplace_back();
        one.name = source.name;
        one.is_poll_only = source.is_poll_only;
        one.names_any = source.names_any();
        one.repositories = count_of(source, *polled, tx);
        one.hourly_limit = hourly_limit(*held);
        one.beats.active = seconds(asked.server.catch_up_seconds);
        one.beats.quiet = seconds(asked.server.quiet_catch_up_seconds);
    }
    return out;
}

std::optional<milliseconds> beat_of(source_pace const& pace)
{
    if (!pace.is_poll_only)
        return pace.beats.active;
    if (!pace.repositories)
        return std::nullopt;
    return poll_beat(*pace.repositories, pace.hourly_limit);
}

std::string words_of(source_pace const& pace)
{
    auto const budget = "(" + std::to_string(pace.hourly_limit) + " requests an hour)";
    if (!pace.is_poll_only)
        return std::string("What its webhooks do not tell is caught up with ") +
               beat_words(pace.beats.active) + ", and " + beat_words(pace.beats.quiet) +
               " where nothing had changed.";
    if (!pace.repositories)
        return "How late it tells depends on how many repositories it has, which is not known before "
               "linkspan "
               "serve has listed them: each is asked about " +
               beat_words(poll_beat(1, pace.hourly_limit)) + " if there is one, and about " +
               beat_words(poll_beat(many_repositories, pace.hourly_limit)) + " if there are " +
               std::to_string(many_repositories) + " " + budget + ".";
    auto const often = beat_words(*beat_of(pace));
    if (*pace.repositories == 1)
        return "Without webhooks it is asked about " + often + " for 1 repository " + budget + ".";
    return "Without webhooks it is asked about " + often + " for each of " +
           std::to_string(*pace.repositories) + " repositories " + budget + ".";
}

}  // namespace linkspan
