#include "cmd/linkspan/check.hpp"

#include "core/base/text.hpp"
#include "core/route/doubts.hpp"
#include "core/route/reach.hpp"
#include "links/bitbucket/webhook.hpp"
#include "links/registry.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <span>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// One link of the store with what can be known of its fields.
struct known_link
{
    link_row row;
    link_template const* kind = nullptr;
    std::optional<link_fields> fields;  // nothing: they did not open
};

class judgement
{
public:
    judgement(config const& asked, std::vector<known_link> const& links) : asked_(asked), links_(links) {}

    std::vector<finding> take()
    {
        for (auto const& source : asked_.sources)
            judge(source);
        for (auto const& destination : asked_.destinations)
            judge(destination);
        judge_rules();
        note_unused();
        return std::move(found_);
    }

private:
    std::string place_of(int line) const
    {
        return line == 0 ? std::string() : asked_.file.string() + ":" + std::to_string(line);
    }

    void add(finding_kind kind, int line, std::string message)
    {
        found_.push_back({kind, place_of(line), std::move(message)});
    }

    // Null where there is none, which is then found.
    known_link const* find(std::string const& name, std::string const& what, int line)
    {
        for (auto const& link : links_)
            if (name == link.row.id.value || name == link.row.name)
            {
                used_.insert(link.row.id.value);
                return &link;
            }
        std::vector<std::string> names;
        for (auto const& link : links_)
        {
            names.push_back(link.row.id.value);
            if (link.row.name)
                names.push_back(*link.row.name);
        }
        auto const near = did_you_mean(name, names);
        add(finding_kind::fault,
            line,
            what + " names the link \"" + name + "\", which does not exist" +
                (near.empty() ? "; linkspan create-link makes one, linkspan list-links shows them" : near));
        return nullptr;
    }

    // Whether its template is known and every required field is there and right.
    bool is_whole(known_link const& link, std::string const& what, int line)
    {
        if (link.kind == nullptr)
        {
            add(finding_kind::fault,
                line,
                what + " uses a link of the template " + link.row.template_name +
                    ", which this version does not have");
            return false;
        }
        auto const missing = missing_fields(*link.kind, link.row);
        for (auto const& field : missing)
            add(finding_kind::fault,
                line,
                "link " + name_of(link.row) + " of " + what + " has no " + field +
                    "; type: linkspan set-creds " + name_of(link.row) + " --kv " + field);
        if (!missing.empty() || !link.fields)
            return false;
        if (link.kind->check != nullptr)
            if (auto const judged = link.kind->check(*link.fields); !judged)
            {
                add(finding_kind::fault,
                    line,
                    "link " + name_of(link.row) + " of " + what + ": " + judged.error().message);
                return false;
            }
        return true;
    }

    void judge(source_config const& source)
    {
        auto const what = "source \"" + source.name + "\"";
        auto const* link = find(source.webhook, what, source.line);
        if (link == nullptr)
            return;
        bool const is_judged = is_whole(*link, what, source.line);
        if (link->kind == nullptr)
            return;
        bool const fits = source.is_edition_known ? link->kind->receives == source.edition
                                                  : link->kind->receives.has_value();
        if (!fits)
        {
            add(finding_kind::fault, source.line, what + why_unfit(source, *link));
            return;
        }
        auto const [first, is_new] = webhooks_.emplace(link->row.id.value, &source);
        if (!is_new)
            add(finding_kind::fault,
                source.line,
                what + " uses the webhook link of source \"" + first->second->name +
                    "\"; a delivery would belong to both: make it a link of its own");
        if (!link->fields)
            return;
        judge_proof(source, *link, what);
        if (is_judged && source.is_edition_known && source.edition == edition::data_center &&
            source.instance.empty() && value_of(*link->fields, link->kind->fields, "instance").empty())
            add(finding_kind::fault,
                source.line,
                what +
                    " does not say which Bitbucket it is; add its base URL, as in instance = "
                    "\"https://bitbucket.example.com\"");
    }

    static std::string why_unfit(source_config const& source, known_link const& link)
    {
        auto const is_of = name_of(link.row) + " is of " + link.row.template_name + ": it needs one of ";
        if (!source.is_edition_known)
            return " takes webhooks, but its link " + is_of + "bitbucket-webhook or bitbucket-dc-webhook";
        bool const is_cloud = source.edition == edition::cloud;
        return std::string(" is of the edition ") + (is_cloud ? "cloud" : "data_center") + ", but its link " +
               is_of + (is_cloud ? "bitbucket-webhook" : "bitbucket-dc-webhook");
    }

    void judge_proof(source_config const& source, known_link const& link, std::string const& what)
    {
        bool const has_proof = bitbucket::has_secret(*link.fields) || bitbucket::has_basic(*link.fields);
        if (has_proof)
            return;
        if (link.row.allow_unsigned)
            add(finding_kind::warning,
                source.line,
                "link " + name_of(link.row) + " of " + what +
                    " has no secret and takes unsigned deliveries: whoever knows its URL can send events");
        else
            add(finding_kind::fault,
                source.line,
                "link " + name_of(link.row) + " of " + what +
                    " has no webhook_secret, so every delivery will be refused; type: linkspan set-creds " +
                    name_of(link.row) + " --kv webhook_secret");
    }

    void judge(destination_config const& destination)
    {
        auto const what = "destination \"" + destination.name + "\"";
        auto const* link = find(destination.link, what, destination.line);
        if (link == nullptr || (!is_whole(*link, what, destination.line) && link->kind == nullptr))
            return;
        if (link->kind->send == nullptr)
            add(finding_kind::fault,
                destination.line,
                what + " cannot send through link " + name_of(link->row) + ": " + link->row.template_name +
                    " only receives");
        else if (link->kind->needs_channel && destination.channel.empty())
            add(finding_kind::fault,
                destination.line,
                what + " needs a channel, as in channel = \"#builds\": its link is of " +
                    link->row.template_name);
        else if (!link->kind->needs_channel && !destination.channel.empty())
            add(finding_kind::note,
                destination.line,
                what + " has a channel that " + link->row.template_name + " does not use");
    }

    void judge_rules()
    {
        std::set<std::string, std::less<>> known;
        for (auto const& destination : asked_.destinations)
            known.insert(destination.name);
        std::set<std::string, std::less<>> reached;
        for (std::size_t i = 0; i < asked_.rules.size(); ++i)
        {
            auto const& rule = asked_.rules[i];
            int const line = i < asked_.rule_lines.size() ? asked_.rule_lines[i] : 0;
            reached.insert(rule.destinations.begin(), rule.destinations.end());
            bool const reaches = std::ranges::any_of(
                rule.destinations, [&](auto const& name) { return known.contains(name); }
            );
            if (!reaches)
                add(finding_kind::warning, line, "rule \"" + rule.name + "\" reaches no destination");
            else if (asked_.sources.empty())
                add(finding_kind::warning,
                    line,
                    "rule \"" + rule.name +
                        "\" gets only what comes to links without a source: there is no [[source]]");
            judge_conditions(i, line);
        }
        note_teams();
        for (auto const& destination : asked_.destinations)
            if (!reached.contains(destination.name))
                add(finding_kind::note,
                    destination.line,
                    "no rule sends anything to destination \"" + destination.name + "\"");
        if (asked_.rules.empty())
            add(finding_kind::note, 0, "there is no [[rule]]: events are kept, and nothing is sent");
        if (asked_.sources.empty())
            add(finding_kind::note,
                0,
                "there is no [[source]]: webhook links receive all the same; name each in one, so that its "
                "events "
                "tell which Bitbucket they are from");
    }

    // Rules that work, but take nothing, or less than they seem to.
    void judge_conditions(std::size_t place, int line)
    {
        auto const& rule = asked_.rules[place];
        if (auto const vain = vain_condition(rule); !vain.empty())
            add(finding_kind::warning,
                line,
                "rule \"" + rule.name + "\" takes nothing: " + std::string(vain) +
                    " asks about pull requests, and none of its kinds has one");
        for (auto const& doubt : doubts_of(rule))
            add(finding_kind::warning, line, "rule \"" + rule.name + "\" " + doubt);
        auto const above = std::span(asked_.rules).first(place);
        auto const stops =
            std::ranges::find_if(above, [&](auto const& other) { return other.stop && covers(other, rule); });
        if (stops != above.end())
            add(finding_kind::warning,
                line,
                "rule \"" + rule.name + "\" takes nothing: rule \"" + stops->name +
                    "\" above it takes all that it would, and stops");
    }

    void note_teams()
    {
        std::set<std::string_view> named;
        for (auto const& rule : asked_.rules)
            for (auto const& row : pattern_conditions)
                if (asks_people(row.asks))
                    for (auto const* people : {&(rule.*row.patterns), &(rule.*row.exceptions)})
                        for (auto const& one : *people)
                            if (names_team(one))
                                named.insert(std::string_view(one).substr(1));
        for (std::size_t i = 0; i < asked_.teams.size(); ++i)
            if (!named.contains(asked_.teams[i].name))
                add(finding_kind::note,
                    i < asked_.team_lines.size() ? asked_.team_lines[i] : 0,
                    "no rule names the team \"" + asked_.teams[i].name + "\"");
    }

    void note_unused()
    {
        for (auto const& link : links_)
            if (!used_.contains(link.row.id.value))
                add(finding_kind::note,
                    0,
                    "link " + name_of(link.row) + " (" + link.row.template_name +
                        ") is not used by the configuration");
    }

    config const& asked_;
    std::vector<known_link> const& links_;
    std::vector<finding> found_;
    std::set<std::string, std::less<>> used_;
    std::map<std::string, source_config const*, std::less<>> webhooks_;
};

// Opens what is sealed; a key that is missing, wrong or open to others is told once.
result<std::vector<known_link>> read_links(transaction& tx, key_reader& reader, std::vector<finding>& found)
{
    auto const rows = list_links(tx);
    if (!rows)
        return rows.error();
    auto const sealed = has_sealed_fields(tx);
    if (!sealed)
        return sealed.error();
    std::optional<vault> keys;
    if (*sealed)
    {
        auto opened = reader.read(tx);
        if (opened)
            keys = std::move(*opened);
        else
            found.push_back({finding_kind::fault, "", opened.error().message});
    }
    std::vector<known_link> out;
    for (auto const& row : *rows)
    {
        known_link one;
        one.row = row;
        one.kind = find_template(row.template_name);
        if (row.field_names.empty())
            one.fields.emplace();
        else if (keys)
        {
            auto fields = open_fields(tx, *keys, row.id);
            if (fields)
                one.fields = std::move(*fields);
            else
                found.push_back({finding_kind::fault, "", fields.error().message});
        }
        out.push_back(std::move(one));
    }
    return out;
}

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
    document["findings"] = std::move(list);
    print_json(on.out, document);
}

}  // namespace

std::string_view name_of(finding_kind kind) noexcept
{
    switch (kind)
    {
        case finding_kind::fault:
            return "fault";
        case finding_kind::warning:
            return "warning";
        case finding_kind::note:
            return "note";
    }
    return "fault";
}

result<std::vector<finding>> check_links(transaction& tx, config const& asked, key_reader& keys)
{
    std::vector<finding> found;
    auto const links = read_links(tx, keys, found);
    if (!links)
        return links.error();
    auto judged = judgement(asked, *links).take();
    found.insert(found.end(), judged.begin(), judged.end());
    return found;
}

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
    std::vector<known_link> const none;
    result<std::vector<finding>> judged = judgement(loaded.config, none).take();
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
