#include "cmd/linkspan/check.hpp"

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

void print_document(
    terminal& on, loaded_config const& loaded, std::vector<finding> const& all, std::string const& key_place
)
{
    json::array list;
    for (auto const& one : all)
        list.push_back(to_json(one));
    json::object document;
    document["ok"] = std::ranges::count(all, finding_kind::fault, &finding::kind) == 0;
    document["config"] =
        loaded.config.file.empty() ? json::value() : json::value(loaded.config.file.string());
    document["master_key"] = key_place;
    json::array sources;
    for (auto const& source : loaded.config.sources)
        sources.push_back(json::object{
            {"name", source.name}, {"api", source.api.empty() ? json::value() : json::value(source.api)}});
    document["sources"] = std::move(sources);
    document["findings"] = std::move(list);
    print_json(on.out, document);
}

// What is asked for where no webhook tells it; a source without an api has a note of its own.
void print_polled(terminal& on, config const& read)
{
    for (auto const& source : read.sources)
    {
        if (source.api.empty())
            continue;
        // What it names is what is caught up with.
        bool const has_names =
            !source.workspace.empty() || !source.projects.empty() || !source.repositories.empty();
        on.out << "Source \"" << safe_line(source.name) << "\": link " << safe_line(source.api)
               << " is to ask for "
               << (source.edition == edition::data_center ? "resolved tasks and threads"
                   : has_names                            ? "edits within ten minutes, tasks"
                                                          : "edits within ten minutes and tasks")
               << (has_names ? " and what falls into an outage.\n" : ".\n");
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

result<> check(terminal& on, command_options const& options)
{
    if (auto const named = find_named_config(options.paths); !named)
        return named;
    auto const loaded = load_config(options.paths.config);
    auto all = faults_of(loaded);
    judge_folders(options.paths, all);
    auto database = find_store(options.paths);
    if (!database)
        return database.error();
    result<std::vector<finding>> judged = check_without_links(loaded.config);
    auto place = result<std::string>(find_key_source(options.paths).origin() + " (not made yet)");
    if (*database)
    {
        key_reader keys(options.paths);
        judged = (*database)->read<std::vector<finding>>(
            system_now(), [&](transaction& tx) { return check_links(tx, loaded.config, keys); }
        );
        place = (*database)->read<std::string>(
            system_now(), [&](transaction& tx) { return key_place(tx, options.paths); }
        );
    }
    if (!judged)
        return judged.error();
    if (!place)
        return place.error();
    drop_notes_of_unread(loaded, *judged);
    // What is said of the rest of a file that is wrong in parts may be wrong too, but never hides the part.
    all.insert(all.end(), judged->begin(), judged->end());
    bool const is_fine = std::ranges::count(all, finding_kind::fault, &finding::kind) == 0;
    auto const file = options.paths.config.string();
    if (options.json)
        print_document(on, loaded, all, *place);
    else
    {
        print_findings(on, all);
        if (loaded.config.file.empty() && loaded.problems.faults.empty())
            on.out << "There is no " << file << ": all settings are defaults.\n";
        if (is_fine)
            print_polled(on, loaded.config);
        on.out << "Master key: " << safe_line(*place, 1000) << ".\n";
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
