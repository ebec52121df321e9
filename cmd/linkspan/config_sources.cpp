#include "cmd/linkspan/config_advice.hpp"
#include "cmd/linkspan/config_relations.hpp"
#include "cmd/linkspan/config_values.hpp"

#include <algorithm>
#include <map>

namespace linkspan
{
namespace
{

constexpr std::string_view only_cloud_instance = "bitbucket.org";

// Written, but not as it must be: that is told already, and nothing can be said of what depends on it.
bool is_faulty(value_lines const& lines, std::string_view key)
{
    auto const found = lines.find(key);
    return found != lines.end() && found->second.empty();
}

config_key const& source_key(std::string_view name)
{
    return std::ranges::find(
               config_rows("source"), name, [](config_row const& one) { return one.key.name; }
    )->key;
}

// As the reader says it of keys that every source must have.
std::string text_of_missing_key(std::string_view name)
{
    auto const& key = source_key(name);
    return "[[source]] has no " + in_quotes(name) + " (" + std::string(key.help) + "); " + shown_example(key);
}

void judge_webhook_key(source_config const& source, value_lines const& lines, std::vector<line_fault>& faults)
{
    if (!source.webhook.empty() || source.poll_only || is_faulty(lines, "webhook") ||
        is_faulty(lines, "poll_only"))
        return;
    int const line = line_of(lines, "webhook");
    faults.push_back(
        {line == 0 ? source.line : line,
         text_of_missing_key("webhook") + ", or poll_only = true where no webhook can reach Linkspan"}
    );
}

void judge_instance_of_cloud(source_config& source, value_lines const& lines, std::vector<line_fault>& faults)
{
    if (!source.instance.empty() && source.instance != only_cloud_instance)
        faults.push_back(
            {line_of(lines, "instance"),
             "instance in [[source]] must be \"bitbucket.org\" for the edition \"cloud\"; remove the line, "
             "or "
             "write edition = \"data_center\""}
        );
    source.instance = only_cloud_instance;
}

void judge_instance_of_data_center(
    source_config& source, value_lines const& lines, std::vector<line_fault>& faults
)
{
    if (source.instance.empty())
    {
        // The link of a webhook may have it; without one nothing else says which Bitbucket it is.
        bool const may_have_webhook = !source.webhook.empty() || is_faulty(lines, "webhook");
        if (source.poll_only && !may_have_webhook && !is_faulty(lines, "instance"))
            faults.push_back(
                {source.line,
                 "[[source]] has no \"instance\", which it needs without a webhook; write for example "
                 "instance = \"https://bitbucket.example.com\""}
            );
        return;
    }
    if (auto const judged = judge_instance_url(source.instance); !judged)
        faults.push_back({line_of(lines, "instance"), "instance in [[source]] " + judged.error().message});
}

void judge_place_keys(source_config const& source, value_lines const& lines, std::vector<line_fault>& faults)
{
    if (source.edition == edition::cloud && !source.projects.empty())
        faults.push_back(
            {line_of(lines, "projects"),
             "projects in [[source]] is for the edition \"data_center\"; write for \"cloud\" workspace = "
             "\"acme\", or each of the repositories"}
        );
    if (source.edition == edition::data_center && !source.workspace.empty())
        faults.push_back(
            {line_of(lines, "workspace"),
             "workspace in [[source]] is for the edition \"cloud\"; write for \"data_center\" projects = "
             "[\"CORE\"], or each of the repositories"}
        );
}

// What has no effect without a link that asks.
void judge_api_key(source_config const& source, value_lines const& lines, std::vector<line_fault>& faults)
{
    std::string asking;
    int first = 0;
    int keys = 0;
    auto const add = [&](bool is_set, std::string_view key)
    {
        if (!is_set)
            return;
        asking += (asking.empty() ? "" : ", ") + std::string(key);
        int const line = line_of(lines, key);
        first = first == 0 ? line : std::min(first, line);
        ++keys;
    };
    add(!source.workspace.empty(), "workspace");
    add(!source.projects.empty(), "projects");
    add(!source.repositories.empty(), "repositories");
    bool const has_places = keys > 0 || is_faulty(lines, "workspace") || is_faulty(lines, "projects") ||
                            is_faulty(lines, "repositories");
    add(source.poll_only, "poll_only");
    if (keys > 0 && source.api.empty() && !is_faulty(lines, "api"))
        faults.push_back(
            {first,
             asking + " in [[source]] " + (keys == 1 ? "needs" : "need") +
                 " api, the link that asks the REST API: without it nothing is polled; " +
                 shown_example(source_key("api"))}
        );
    if (!source.poll_only || has_places)
        return;
    bool const is_cloud = source.edition == edition::cloud;
    faults.push_back(
        {line_of(lines, "poll_only"),
         std::string("poll_only in [[source]] has nothing to ask for; write for example ") +
             (!source.is_edition_known ? "repositories = [\"acme/api\"]"
              : is_cloud               ? "workspace = \"acme\", or repositories = [\"acme/api\"]"
                                       : "projects = [\"CORE\"], or repositories = [\"CORE/api\"]")}
    );
}

// Finds what would be asked for twice, by one source or by two of the same Bitbucket.
class asked_places
{
public:
    asked_places(config const& read, config_lines const& lines, std::vector<line_fault>& faults)
        : read_(read), lines_(lines), faults_(faults)
    {
    }

    void find_doubles()
    {
        for (std::size_t i = 0; i < read_.sources.size(); ++i)
        {
            auto const& source = read_.sources[i];
            if (!source.workspace.empty())
                add(i, "workspace", 0, source.workspace + "/", source.workspace);
            for (std::size_t item = 0; item < source.projects.size(); ++item)
                add(i, "projects", item, source.projects[item] + "/", source.projects[item]);
        }
        for (std::size_t i = 0; i < read_.sources.size(); ++i)
            for (std::size_t item = 0; item < read_.sources[i].repositories.size(); ++item)
            {
                auto const& name = read_.sources[i].repositories[item];
                auto const whole = found_.find(place_of(i, name.substr(0, name.find('/') + 1)));
                if (whole != found_.end())
                    tell(i, "repositories", item, name, whole->second);
                else
                    add(i, "repositories", item, name, name);
            }
    }

private:
    struct asker
    {
        std::size_t source = 0;
        std::string_view key;
    };

    // Sources without an instance may be of any Bitbucket: they are not compared with others.
    std::string place_of(std::size_t source, std::string const& name) const
    {
        auto const& asked = read_.sources[source];
        bool const is_known = asked.is_edition_known && !asked.instance.empty();
        return (is_known ? asked.instance : std::to_string(source)) + "\n" + name;
    }

    void add(
        std::size_t source,
        std::string_view key,
        std::size_t item,
        std::string const& name,
        std::string const& shown
    )
    {
        auto const [first, is_new] = found_.emplace(place_of(source, name), asker{source, key});
        if (!is_new)
            tell(source, key, item, shown, first->second);
    }

    void tell(
        std::size_t source,
        std::string_view key,
        std::size_t item,
        std::string const& shown,
        asker const& first
    )
    {
        if (faults_.size() >= config_faults_max)
            return;
        auto const& lines = lines_.sources[source].at(key);
        std::string message = std::string(key) + " in [[source]] names " + in_quotes(shown);
        if (first.source != source)
            message += ", which source " + in_quotes(read_.sources[first.source].name) +
                       " asks for already (" + std::string(first.key) + ", line " +
                       std::to_string(line_of(lines_.sources[first.source], first.key)) + ")";
        else if (first.key == key)
            message += " twice";
        else
            message += ", which " + std::string(first.key) + " asks for already";
        faults_.push_back({lines[item], message + "; take out one of them"});
    }

    config const& read_;
    config_lines const& lines_;
    std::vector<line_fault>& faults_;
    std::map<std::string, asker> found_;
};

}  // namespace

void relate_sources(config& read, config_lines const& lines, std::vector<line_fault>& faults)
{
    for (std::size_t i = 0; i < read.sources.size(); ++i)
    {
        auto& source = read.sources[i];
        source.is_edition_known = line_of(lines.sources[i], "edition") != 0;
        judge_webhook_key(source, lines.sources[i], faults);
        judge_api_key(source, lines.sources[i], faults);
        // Without its edition nothing can be said of these.
        if (!source.is_edition_known)
            continue;
        if (source.edition == edition::cloud)
            judge_instance_of_cloud(source, lines.sources[i], faults);
        else
            judge_instance_of_data_center(source, lines.sources[i], faults);
        judge_place_keys(source, lines.sources[i], faults);
    }
    asked_places(read, lines, faults).find_doubles();
}

}  // namespace linkspan
