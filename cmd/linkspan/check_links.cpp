#include "cmd/linkspan/check.hpp"
#include "cmd/linkspan/link_report.hpp"
#include "core/route/doubts.hpp"
#include "core/route/reach.hpp"
#include "links/bitbucket/api.hpp"
#include "links/bitbucket/webhook.hpp"
#include "links/registry.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <span>

namespace linkspan
{
namespace
{

// One link of the store with what can be known of its fields.
struct known_link
{
    link_row row;
    link_template const* kind = nullptr;
    link_state state;
    std::optional<link_fields> fields;  // nothing: they did not open
};

// Whether two base URLs are those of one Bitbucket, as far as can be seen.
bool is_same_bitbucket(std::string_view one, std::string_view other)
{
    auto const path_of = [](std::string_view url)
    {
        auto const parsed = boost::urls::parse_uri(url);
        std::string path(parsed ? std::string_view(parsed->encoded_path()) : std::string_view());
        while (path.ends_with('/'))
            path.pop_back();
        return path;
    };
    return bitbucket::is_same_origin(one, other) && path_of(one) == path_of(other);
}

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
        auto const* const webhook =
            source.webhook.empty() ? nullptr : find(source.webhook, what, source.line);
        bool const is_judged = webhook != nullptr && is_whole(*webhook, what, source.line);
        if (webhook != nullptr && webhook->kind != nullptr)
            judge_webhook(source, *webhook, is_judged);
        judge_api(source, webhook, is_judged);
        if (source.poll_only && !source.webhook.empty())
            add(finding_kind::note,
                source.line,
                what + " is poll_only and names a webhook all the same: what comes to that is taken, too");
    }

    void judge_webhook(source_config const& source, known_link const& link, bool is_judged)
    {
        auto const what = "source \"" + source.name + "\"";
        bool const fits =
            source.is_edition_known ? link.kind->receives == source.edition : link.kind->receives.has_value();
        if (!fits)
        {
            add(finding_kind::fault, source.line, what + why_unfit(source, link));
            return;
        }
        auto const [first, is_new] = webhooks_.emplace(link.row.id.value, &source);
        if (!is_new)
            add(finding_kind::fault,
                source.line,
                what + " uses the webhook link of source \"" + first->second->name +
                    "\"; a delivery would belong to both: make it a link of its own");
        if (!link.fields)
            return;
        judge_proof(source, link, what);
        if (is_judged && source.is_edition_known && source.edition == edition::data_center &&
            instance_of(source, &link).empty())
            add(finding_kind::fault,
                source.line,
                what +
                    " does not say which Bitbucket it is; add its base URL, as in instance = "
                    "\"https://bitbucket.example.com\"");
    }

    // Its own, else that of its webhook's link; empty: not known.
    static std::string instance_of(source_config const& source, known_link const* webhook)
    {
        if (!source.instance.empty() || webhook == nullptr || webhook->kind == nullptr || !webhook->fields)
            return source.instance;
        return std::string(value_of(*webhook->fields, webhook->kind->fields, "instance"));
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

    // webhook: the link of the source's webhook, null where it has none; is_judged: that one is whole.
    void judge_api(source_config const& source, known_link const* webhook, bool is_judged)
    {
        auto const what = "source \"" + source.name + "\"";
        if (source.api.empty())
        {
            if (source.is_edition_known && !source.poll_only)
                add(finding_kind::note, source.line, what + ": " + text_of_unpolled(source.edition));
            return;
        }
        auto const* const link = find(source.api, what, source.line);
        // A link that does both is judged once.
        if (link == nullptr || (link != webhook && !is_whole(*link, what, source.line)) ||
            (link == webhook && !is_judged))
            return;
        bool const fits =
            source.is_edition_known ? link->kind->asks == source.edition : link->kind->asks.has_value();
        if (!fits)
            add(finding_kind::fault,
                source.line,
                what + " cannot ask Bitbucket through its api link " + name_of(link->row) + " of " +
                    link->row.template_name + ": it needs one of " +
                    asking_templates(source.is_edition_known ? std::optional(source.edition) : std::nullopt));
        else
            judge_api_state(source, *link, instance_of(source, webhook));
        if (fits && source.is_edition_known && !source.poll_only && source.workspace.empty() &&
            source.projects.empty() && source.repositories.empty())
            add(finding_kind::note,
                source.line,
                what +
                    " names nothing to catch up with: that is done only where a webhook came from before; "
                    "add " +
                    (source.edition == edition::cloud
                         ? "workspace = \"acme\", or repositories = [\"acme/api\"]"
                         : "projects = [\"CORE\"], or repositories = [\"CORE/api\"]"));
    }

    void judge_api_state(source_config const& source, known_link const& link, std::string const& instance)
    {
        auto const of = "link " + name_of(link.row) + " of source \"" + source.name + "\"";
        auto const base_url = value_of(*link.fields, link.kind->fields, "base_url");
        if (source.is_edition_known && source.edition == edition::data_center && !instance.empty() &&
            !is_same_bitbucket(base_url, instance))
            add(finding_kind::fault,
                source.line,
                of + " asks " + std::string(base_url) + ", but the source is of " + instance +
                    "; correct instance, or type: linkspan set-creds " + name_of(link.row) +
                    " --kv base_url=" + instance);
        if (link.state.standing == link_standing::unauthorized)
            add(finding_kind::warning,
                source.line,
                of + " asks nothing until somebody signs in; type: " + link.state.detail);
        else if (link.state.standing == link_standing::needs_reauth)
            add(finding_kind::warning,
                source.line,
                of + " cannot ask any more (" + link.state.detail +
                    "); type: " + remedy_of(link.state.fault, *link.kind, name_of(link.row)));
    }

    std::string text_of_unpolled(edition of) const
    {
        auto const* const missed =
            of == edition::cloud ? "edits within ten minutes, tasks" : "builds, resolved tasks and threads";
        auto const fitting = std::ranges::find_if(
            links_, [&](auto const& link) { return link.kind != nullptr && link.kind->asks == of; }
        );
        return std::string("nothing is polled: ") + missed +
               " and what falls into an outage are missed; add api = \"" +
               (fitting != links_.end() ? name_of(fitting->row) + "\""
                                        : "NAME\", with NAME a link of one of " + asking_templates(of));
    }

    // Of one edition; nothing: of each.
    static std::string asking_templates(std::optional<edition> of)
    {
        std::string out;
        for (auto const* kind : link_templates())
            if (kind->asks && (!of || kind->asks == of))
                out += (out.empty() ? "" : ", ") + std::string(kind->name);
        return out;
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
        if (!rule.paths.empty())
            judge_paths(rule, line);
        auto const above = std::span(asked_.rules).first(place);
        auto const stops =
            std::ranges::find_if(above, [&](auto const& other) { return other.stop && covers(other, rule); });
        if (stops != above.end())
            add(finding_kind::warning,
                line,
                "rule \"" + rule.name + "\" takes nothing: rule \"" + stops->name +
                    "\" above it takes all that it would, and stops");
    }

    // Sources whose API nobody may ask.
    void judge_paths(rule const& asked, int line)
    {
        std::string silent;
        bool has_api = false;
        for (auto const& source : asked_.sources)
            if (source.api.empty())
                silent += (silent.empty() ? "source \"" : ", \"") + source.name + "\"";
            else
                has_api = true;
        if (has_api && silent.empty())
            return;
        add(finding_kind::warning,
            line,
            "rule \"" + asked.name + "\" takes nothing" + (has_api ? " of " + silent : std::string()) +
                ": which files change is asked of Bitbucket's API, and no api link is named; add api to "
                "[[source]]");
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
    auto const reports = report_links(tx);
    if (!reports)
        return reports.error();
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
    for (auto const& report : *reports)
    {
        auto const& row = report.row;
        known_link one;
        one.row = row;
        one.kind = report.kind;
        one.state = report.state;
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

std::vector<finding> check_without_links(config const& asked)
{
    std::vector<known_link> const none;
    return judgement(asked, none).take();
}

}  // namespace linkspan
