#include "cmd/linkspan/check.hpp"

#include "cmd/linkspan/source_pace.hpp"
#include "core/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

std::vector<finding> faults_of(loaded_config const& loaded)
{
    std::vector<finding> out;
    for (auto const& fault : loaded.problems.faults)
        out.push_back({finding_kind::fault, fault.place, fault.message});
    return out;
}

// What keeps serve from starting, where the folders are there; nothing is made.
void judge_folders(profile_paths const& paths, std::vector<finding>& found)
{
    for (auto const& folder : {paths.database.parent_path(), paths.state})
    {
        std::error_code fault;
        if (!std::filesystem::exists(folder, fault))
            continue;
        if (auto const judged = make_private_folder(folder); !judged)
            found.push_back({finding_kind::fault, "", judged.error().message});
    }
}

json::object to_json(finding const& one)
{
    json::object out;
    out["kind"] = std::string(name_of(one.kind));
    out["place"] = one.place.empty() ? json::value() : json::value(one.place);
    out["message"] = one.message;
    return out;
}

std::string count_of(std::vector<finding> const& all, finding_kind kind)
{
    auto const number = std::ranges::count(all, kind, &finding::kind);
    return std::to_string(number) + " " + std::string(name_of(kind)) + (number == 1 ? "" : "s");
}

void print_findings(terminal& on, std::vector<finding> const& all)
{
    for (auto const& one : all)
    {
        auto const* colour = one.kind == finding_kind::fault ? "\x1b[31m" : "\x1b[33m";
        bool const coloured = on.out_colour && one.kind != finding_kind::note;
        on.out << (one.place.empty() ? "" : one.place + ": ") << (coloured ? colour : "") << name_of(one.kind)
               << (coloured ? "\x1b[0m" : "") << ": " << safe_line(one.message, 1000) << '\n';
    }
}

source_pace const* pace_of(std::string const& source, std::vector<source_pace> const& paces)
{
    auto const found = std::ranges::find(paces, source, &source_pace::name);
    return found == paces.end() ? nullptr : &*found;
}

// What is known of how it works beside what is wrong with it.
struct known_about_profile
{
    std::string key_place;
    std::vector<source_pace> paces;
};

void print_document(
    terminal& on,
    loaded_config const& loaded,
    std::vector<finding> const& all,
    known_about_profile const& known
)
{
    json::array list;
    for (auto const& one : all)
        list.push_back(to_json(one));
    json::object document;
    document["ok"] = std::ranges::count(all, finding_kind::fault, &finding::kind) == 0;
    document["config"] =
        loaded.config.file.empty() ? json::value() : json::value(loaded.config.file.string());
    document["master_key"] = known.key_place;
    json::array sources;
    for (auto const& source : loaded.config.sources)
    {
        auto const* pace = pace_of(source.name, known.paces);
        auto const count = pace == nullptr ? std::nullopt : pace->repositories;
        auto const beat = pace == nullptr ? std::nullopt : beat_of(*pace);
        json::object one;
        one["name"] = source.name;
        one["api"] = source.api.empty() ? json::value() : json::value(source.api);
        one["repositories"] = count ? json::value(*count) : json::value();
        one["beat_seconds"] = beat ? json::value(std::chrono::ceil<seconds>(*beat).count()) : json::value();
        sources.push_back(std::move(one));
    }
    document["sources"] = std::move(sources);
    document["findings"] = std::move(list);
    print_json(on.out, document);
}

// What is asked for where no webhook tells it; a source without an api has a note of its own.
void print_polled(terminal& on, config const& read, std::vector<source_pace> const& paces)
{
    for (auto const& source : read.sources)
    {
        if (source.api.empty())
            continue;
        // What it names is what is caught up with.
        bool const has_names =
            !source.workspace.empty() || !source.projects.empty() || !source.repositories.empty();
        on.out << "Source \"" << safe_line(source.name) << "\": link " << safe_line(source.api)
               << " is to ask for ";
        if (source.poll_only)
            on.out << "all that happens, for no webhook comes.\n";
        else
            on.out << (source.edition == edition::data_center ? "builds, resolved tasks and threads"
                                                              : "edits within ten minutes, tasks")
                   << (has_names ? " and what falls into an outage.\n"
                                 : " and, where webhooks came from, what falls into an outage.\n");
        if (auto const* pace = pace_of(source.name, paces))
            on.out << "  " << words_of(*pace) << '\n';
    }
}

}  // namespace

// Of a file of which nothing could be read: what it does not hold is no news.
void drop_notes_of_unread(loaded_config const& loaded, std::vector<finding>& found)
{
    auto const& read = loaded.config;
    if (!loaded.problems.faults.empty() && read.sources.empty() && read.destinations.empty() &&
        read.rules.empty())
        std::erase_if(found, [](finding const& one) { return one.kind == finding_kind::note; });
}

namespace
{

// Against what the database holds, where there is one.
result<std::vector<finding>> judge_profile(
    profile_paths paths, config const& asked, known_about_profile& known
)
{
    auto database = find_store(paths);
    if (!database)
        return database.error();
    if (!*database)
    {
        known.key_place = find_key_source(paths).origin() + " (not made yet)";
        return check_without_links(asked);
    }
    // One for all: nobody is asked twice for a passphrase.
    paths.keys = key_reader_of(paths);
    auto judged = (*database)->read<std::vector<finding>>(
        system_now(), [&](transaction& tx) { return check_links(tx, asked, *paths.keys); }
    );
    if (!judged)
        return judged;
    auto place =
        (*database)->read<std::string>(system_now(), [&](transaction& tx) { return key_place(tx, paths); });
    if (!place)
        return place.error();
    known.key_place = std::move(*place);
    // What keeps the links from being read is a finding already.
    auto paces = (*database)->read<std::vector<source_pace>>(
        system_now(), [&](transaction& tx) { return read_paces(tx, paths, asked); }
    );
    if (paces)
        known.paces = std::move(*paces);
    return judged;
}

}  // namespace

result<> check(terminal& on, command_options const& options)
{
    if (auto const named = find_named_config(options.paths); !named)
        return named;
    auto const loaded = load_config(options.paths.config);
    auto all = faults_of(loaded);
    judge_folders(options.paths, all);
    known_about_profile known;
    auto judged = judge_profile(options.paths, loaded.config, known);
    if (!judged)
        return judged.error();
    drop_notes_of_unread(loaded, *judged);
    // What is said of the rest of a file that is wrong in parts may be wrong too, but never hides the part.
    all.insert(all.end(), judged->begin(), judged->end());
    bool const is_fine = std::ranges::count(all, finding_kind::fault, &finding::kind) == 0;
    auto const file = options.paths.config.string();
    if (options.json)
        print_document(on, loaded, all, known);
    else
    {
        print_findings(on, all);
        if (loaded.config.file.empty() && loaded.problems.faults.empty())
            on.out << "There is no " << file << ": all settings are defaults.\n";
        if (is_fine)
            print_polled(on, loaded.config, known.paces);
        on.out << "Master key: " << safe_line(known.key_place, 1000) << ".\n";
        auto const counts = count_of(all, finding_kind::fault) + ", " + count_of(all, finding_kind::warning) +
                            ", " + count_of(all, finding_kind::note);
        on.out << (is_fine ? "Good: " : "Not good: ") << plural(loaded.config.sources.size(), "source")
               << ", " << plural(loaded.config.destinations.size(), "destination") << ", "
               << plural(loaded.config.rules.size(), "rule") << "; " << counts << ".\n";
    }
    if (is_fine)
        return {};
    return error(errc::invalid, file + " cannot be used yet: " + count_of(all, finding_kind::fault));
}

}  // namespace linkspan
