#include "cmd/linkspan/config_rows.hpp"

#include "cmd/linkspan/config_advice.hpp"
#include "cmd/linkspan/config_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace linkspan
{
namespace
{

constexpr std::size_t list_items_max = 1000;
constexpr std::int64_t kib = 1 << 10;
constexpr std::int64_t mib = 1 << 20;

void assign(std::string& field, config_value&& value)
{
    field = std::move(value.texts.front());
}
void assign(std::int64_t& field, config_value&& value)
{
    field = value.numbers.front();
}
void assign(bool& field, config_value&& value)
{
    field = value.numbers.front() != 0;
}
void assign(std::vector<std::string>& field, config_value&& value)
{
    field = std::move(value.texts);
}
void assign(std::vector<std::int64_t>& field, config_value&& value)
{
    field = std::move(value.numbers);
}
void assign(listen_address& field, config_value&& value)
{
    if (auto read = parse_listen_address(value.texts.front()))
        field = *std::move(read);
}
void assign(edition& field, config_value&& value)
{
    field = value.texts.front() == "cloud" ? edition::cloud : edition::data_center;
}

void assign(choice& field, config_value&& value)
{
    auto const& word = value.texts.front();
    field = word == name_of(choice::only)   ? choice::only
            : word == name_of(choice::none) ? choice::none
                                            : choice::any;
}

template <class Class, class Field>
Class class_of(Field Class::*);

// The judged value goes to this member.
template <auto Member>
void put(config_target target, config_value&& value)
{
    using owner = decltype(class_of(Member));
    if (auto* const* entry = std::get_if<owner*>(&target))
        assign((*entry)->*Member, std::move(value));
}

constexpr config_row text(
    config_key key, result<> (*judge)(std::string&), void (*store)(config_target, config_value&&)
)
{
    key.type = "string";
    return {key, value_shape::text, 0, judge, store};
}

constexpr config_row texts(
    config_key key,
    std::size_t items_min,
    result<> (*judge)(std::string&),
    void (*store)(config_target, config_value&&)
)
{
    key.type = "list of strings";
    return {key, value_shape::texts, items_min, judge, store};
}

constexpr config_row number(
    config_key key, std::int64_t min, std::int64_t max, void (*store)(config_target, config_value&&)
)
{
    key.min = min;
    key.max = max;
    return {key, value_shape::number, 0, nullptr, store};
}

constexpr config_row flag(config_key key, void (*store)(config_target, config_value&&))
{
    key.type = "boolean";
    return {key, value_shape::flag, 0, nullptr, store};
}

constexpr config_row numbers(
    config_key key, std::int64_t min, std::int64_t max, void (*store)(config_target, config_value&&)
)
{
    auto row = number(key, min, max, store);
    row.shape = value_shape::numbers;
    row.items_min = 1;
    return row;
}

using server = server_config;
using source = source_config;
using destination = destination_config;

// clang-format off
constexpr std::array rows = {
    text({"server", "listen", {}, "\"127.0.0.1:14470\"", "where webhooks come in: an IP address and a port"},
         judge_listen, put<&server::listen>),
    text({"server", "admin_listen", {}, "\"127.0.0.1:14471\"", "where health and metrics are told; keep it private"},
         judge_listen, put<&server::admin_listen>),
    text({"server", "public_url", {}, "\"\"", "how the outside reaches listen; empty: not told",
          "\"https://linkspan.example.com\""}, judge_public_url, put<&server::public_url>),
    flag({"server", "allow_http_public_url", {}, "false",
          "take a public_url of plain http, on which anybody on the way reads who signs in"},
         put<&server::allow_http_public_url>),
    number({"server", "cloud_body_bytes_max", "number of bytes", "1048576", "the largest delivery of Bitbucket Cloud"},
           kib, 256 * mib, put<&server::cloud_body_bytes_max>),
    number({"server", "data_center_body_bytes_max", "number of bytes", "16777216",
            "the largest delivery of Bitbucket Data Center"}, kib, 256 * mib, put<&server::data_center_body_bytes_max>),
    number({"server", "in_flight_bytes_max", "number of bytes", "67108864",
            "all deliveries that are being received, together"}, mib, 4096 * mib, put<&server::in_flight_bytes_max>),
    number({"server", "connections_max", "number", "1024", "open connections on each listener"},
           1, 65536, put<&server::connections_max>),
    number({"server", "grace_seconds", "number of seconds", "10", "how long a stop waits for what is in flight"},
           0, 300, put<&server::grace_seconds>),
    number({"server", "request_timeout_seconds", "number of seconds", "30", "the longest request to a service"},
           1, 600, put<&server::request_timeout_seconds>),
    numbers({"server", "retry_seconds", "list of numbers of seconds", "[5, 30, 120, 600, 1800, 3600, 7200, 14400]",
             "the wait after each failed attempt; the last one repeats"}, 1, 86400, put<&server::retry_seconds>),
    number({"server", "attempts_max", "number", "20", "attempts for one message, then it is dead; waits that a service asks for do not count"},
           1, 1000, put<&server::attempts_max>),
    number({"server", "hold_seconds", "number of seconds", "300",
            "how often a held destination (a bad token, no such channel) is tried"}, 1, 86400,
           put<&server::hold_seconds>),
    number({"server", "catch_up_seconds", "number of seconds", "900",
            "how often a repository is asked what its webhooks did not tell"}, 60, 86400,
           put<&server::catch_up_seconds>),
    number({"server", "quiet_catch_up_seconds", "number of seconds", "3600",
            "the same for a repository in which nothing had changed the last time"}, 60, 86400,
           put<&server::quiet_catch_up_seconds>),
    text({"server", "proxy", {}, "\"\"", "URL of a proxy for requests to services; empty: none",
          "\"http://127.0.0.1:3128\""}, judge_proxy, put<&server::proxy>),
    text({"server", "ca_bundle", {}, "\"\"", "PEM file of certificate authorities; empty: the system's"}, judge_ca_bundle,
         put<&server::ca_bundle>),
    text({"server", "log_level", {}, "\"info\"", "debug, info, warning or error"}, judge_log_level,
         put<&server::log_level>),
    text({"server", "log_format", {}, "\"text\"", "text or json"}, judge_log_format, put<&server::log_format>),

    text({"source", "name", {}, {}, "how messages and logs call it; unique among sources", "\"bitbucket\""}, judge_name,
         put<&source::name>),
    text({"source", "edition", {}, {}, "cloud or data_center", "\"cloud\""}, judge_edition, put<&source::edition>),
    text({"source", "instance", {}, "\"bitbucket.org\"",
          "for data_center the base URL, unless the webhook's link has it"}, nullptr, put<&source::instance>),
    text({"source", "webhook", {}, "\"\"", "the link that receives its webhooks, by id or name",
          "\"bitbucket-webhook\""}, judge_optional_link, put<&source::webhook>),
    text({"source", "api", {}, "\"\"", "the link that asks its REST API, by id or name; empty: nothing is polled",
          "\"bitbucket-api\""}, judge_optional_link, put<&source::api>),
    text({"source", "workspace", {}, "\"\"", "of cloud: all of its repositories are asked for", "\"acme\""},
         judge_workspace, put<&source::workspace>),
    texts({"source", "projects", {}, "[]", "of data_center, by key: all of their repositories are asked for",
           "[\"CORE\"]"}, 0, judge_project_key, put<&source::projects>),
    texts({"source", "repositories", {}, "[]", "owner/slug of each: these are asked for, too", "[\"tools/api\"]"}, 0,
          judge_repository, put<&source::repositories>),
    flag({"source", "poll_only", {}, "false", "no webhook reaches Linkspan: all that is told was asked for"},
         put<&source::poll_only>),

    text({"destination", "name", {}, {}, "how rules call it; unique among destinations", "\"reviews\""}, judge_name,
         put<&destination::name>),
    text({"destination", "link", {}, {}, "the link that sends, by id or name", "\"slack\""}, judge_link,
         put<&destination::link>),
    text({"destination", "channel", {}, "\"\"", "where the link sends to, if it has channels", "\"#reviews\""},
         judge_channel, put<&destination::channel>),

    text({"team", "name", {}, {}, "rules name its members as \"@\" and this; unique among teams", "\"platform\""},
         judge_team_name, put<&team::name>),
    texts({"team", "members", {}, {}, "ids of accounts",
           "[\"557058:11112222-3333-4444-5555-666677778888\", \"70121:99990000-aaaa-bbbb-cccc-ddddeeeeffff\"]"}, 1,
          judge_member, put<&team::members>),

    text({"rule", "name", {}, "\"rule 1\"", "how logs and explanations call it; else its number"}, judge_name,
         put<&rule::name>),
    texts({"rule", "repositories", {}, "[]", "patterns of owner/slug; empty: all", "[\"acme/*\"]"}, 0,
          judge_repository_glob, put<&rule::repositories>),
    texts({"rule", "except_repositories", {}, "[]", "patterns of owner/slug that it does not take",
           "[\"acme/sandbox-*\"]"}, 0, judge_repository_glob, put<&rule::except_repositories>),
    texts({"rule", "projects", {}, "[]", "patterns of workspaces (Cloud) and project keys (Data Center); empty: all",
           "[\"acme\", \"PLAT*\"]"}, 0, judge_project_glob, put<&rule::projects>),
    texts({"rule", "except_projects", {}, "[]", "patterns of workspaces and project keys that it does not take",
           "[\"~*\"]"}, 0, judge_project_glob, put<&rule::except_projects>),
    texts({"rule", "kinds", {}, "[]", "patterns of kinds; empty: what a reviewer wants",
           "[\"pull_request.*\", \"comment.*\"]"}, 0, judge_kind_glob, put<&rule::kinds>),
    texts({"rule", "except_kinds", {}, "[]", "patterns of kinds that it does not take",
           "[\"comment.edited\"]"}, 0, judge_kind_glob, put<&rule::except_kinds>),
    texts({"rule", "branches", {}, "[]", "patterns of target branches; empty: all", "[\"main\", \"release/*\"]"}, 0,
          judge_branch_glob, put<&rule::branches>),
    texts({"rule", "except_branches", {}, "[]", "patterns of target branches that it does not take",
           "[\"release/*-rc\"]"}, 0, judge_branch_glob, put<&rule::except_branches>),
    texts({"rule", "source_branches", {}, "[]", "patterns of source branches of pull requests; empty: all",
           "[\"feature/**\"]"}, 0, judge_branch_glob, put<&rule::source_branches>),
    texts({"rule", "except_source_branches", {}, "[]", "patterns of source branches that it does not take",
           "[\"renovate/**\"]"}, 0, judge_branch_glob, put<&rule::except_source_branches>),
    texts({"rule", "authors", {}, "[]", "who wrote the pull request: ids or @team; empty: anybody",
           "[\"@platform\"]"}, 0, judge_person, put<&rule::authors>),
    texts({"rule", "except_authors", {}, "[]", "authors that it does not take",
           "[\"557058:*\"]"}, 0, judge_person, put<&rule::except_authors>),
    texts({"rule", "actors", {}, "[]", "who did it: ids or @team; empty: anybody",
           "[\"@platform\"]"}, 0, judge_person, put<&rule::actors>),
    texts({"rule", "except_actors", {}, "[]", "actors that it does not take",
           "[\"70121:*\"]"}, 0, judge_person, put<&rule::except_actors>),
    texts({"rule", "reviewers", {}, "[]", "one of the reviewers: ids or @team; empty: any or none",
           "[\"@platform\"]"}, 0, judge_person, put<&rule::reviewers>),
    texts({"rule", "except_reviewers", {}, "[]", "reviewers without whom it must be",
           "[\"42\"]"}, 0, judge_person, put<&rule::except_reviewers>),
    text({"rule", "bots", {}, "\"any\"", "what bots did: any, only or none"}, judge_choice, put<&rule::bots>),
    text({"rule", "drafts", {}, "\"any\"", "pull requests that are drafts: any, only or none"}, judge_choice,
         put<&rule::drafts>),
    texts({"rule", "titles", {}, "[]", "patterns of titles of pull requests; empty: all",
           "[\"*hotfix*\"]"}, 0, judge_title_glob, put<&rule::titles>),
    texts({"rule", "except_titles", {}, "[]", "patterns of titles that it does not take",
           "[\"WIP*\"]"}, 0, judge_title_glob, put<&rule::except_titles>),
    texts({"rule", "paths", {}, "[]", "patterns of changed files, one is enough; asked of the source's api; empty: all",
           "[\"services/api/**\"]"}, 0, judge_path_glob, put<&rule::paths>),
    flag({"rule", "stop", {}, "false", "the rules below it are not asked about what it takes"}, put<&rule::stop>),
    texts({"rule", "destinations", {}, {}, "names of destinations", "[\"reviews\"]"}, 1, judge_name,
          put<&rule::destinations>),
};
// clang-format on

constexpr auto keys = []
{
    std::array<config_key, rows.size()> out{};
    std::ranges::transform(rows, out.begin(), &config_row::key);
    return out;
}();

// What is wrong with one item; empty: nothing.
std::string fault_of(config_row const& row, std::string& text)
{
    auto const plain = judge_text(text);
    if (!plain)
        return plain.error().message;
    auto const judged = row.judge == nullptr ? result<>() : row.judge(text);
    return judged ? std::string() : judged.error().message;
}

std::string fault_of(config_row const& row, std::int64_t number)
{
    if (row.shape == value_shape::flag)
        return {};
    if (number >= row.key.min && number <= row.key.max)
        return {};
    return "is " + std::to_string(number) + ", but must be from " + std::to_string(row.key.min) + " to " +
           std::to_string(row.key.max);
}

}  // namespace

std::span<config_row const> config_rows()
{
    return rows;
}

std::span<config_row const> config_rows(std::string_view table)
{
    auto const is_of = [table](config_row const& row) { return row.key.table == table; };
    auto const begin = std::ranges::find_if(rows, is_of);
    return {begin, std::find_if_not(begin, rows.end(), is_of)};
}

std::span<config_key const> config_keys()
{
    return keys;
}

bool set_value(
    config_row const& row, config_target target, config_value value, std::vector<line_fault>& faults
)
{
    auto const before = faults.size();
    auto const add = [&](int line, std::string const& message)
    {
        if (!message.empty())
            faults.push_back({line, shown_key(row.key) + " " + message});
    };
    auto const items = value.lines.size();
    if (items < row.items_min)
        add(value.line, "is empty; " + shown_example(row.key));
    if (items > list_items_max)
        add(value.line, "has more than " + std::to_string(list_items_max) + " items");
    else
    {
        for (std::size_t i = 0; i < value.texts.size(); ++i)
            add(value.lines[i], fault_of(row, value.texts[i]));
        for (std::size_t i = 0; i < value.numbers.size(); ++i)
            add(value.lines[i], fault_of(row, value.numbers[i]));
    }
    if (faults.size() != before)
        return false;
    row.store(target, std::move(value));
    return true;
}

result<> override_server(server_config& server, std::string_view name, std::string_view text)
{
    auto const known = config_rows("server");
    auto const row = std::ranges::find(known, name, [](config_row const& one) { return one.key.name; });
    bool const is_number = row != known.end() && row->shape == value_shape::number;
    if (row == known.end() || (row->shape != value_shape::text && !is_number))
        return error(errc::not_found, "no single value of [server] is called " + std::string(name));
    config_value value;
    value.lines = {0};
    if (!is_number)
        value.texts = {std::string(text)};
    else if (auto const [end, fault] =
                 std::from_chars(text.data(), text.data() + text.size(), value.numbers.emplace_back());
             fault != std::errc() || end != text.data() + text.size())
        return error(errc::invalid, std::string(name) + " must be a " + std::string(row->key.type));
    std::vector<line_fault> faults;
    if (!set_value(*row, &server, std::move(value), faults))
        return error(
            errc::invalid, std::string(name) + faults.front().message.substr(shown_key(row->key).size())
        );
    return {};
}

}  // namespace linkspan
