#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/ingest.hpp"
#include "cmd/linkspan/metrics.hpp"
#include "cmd/linkspan/respond.hpp"
#include "cmd/linkspan/routes.hpp"
#include "core/watch/budget.hpp"
#include "links/net/retry_after.hpp"
#include "links/slack/api.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/environment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using namespace test;

using words = std::set<std::string>;

words as_set(std::vector<std::string> const& list)
{
    return words(list.begin(), list.end());
}

std::string http_page()
{
    return document_text("docs/reference/http.md");
}

// --- HTTP
// -----------------------------------------------------------------------------------------------------

TEST(http_reference, has_every_route_and_no_other)
{
    words told, known;
    for (auto const& row : table_rows(section_of(http_page(), "## Routes")))
        if (row.size() == 4 && row[2].starts_with("`"))
            told.insert(row[0] + " " + row[1] + " " + row[2]);
    for (auto const& row : routes())
        known.insert(
            (row.on == listener::open ? "public " : "admin ") + std::string(row.verb) + " `" +
            std::string(row.path) + "`"
        );
    EXPECT_EQ(told, known);
}

TEST(http_reference, has_the_limits_of_a_listener)
{
    std::map<std::string, std::string> told;
    for (auto const& row : table_rows(section_of(http_page(), "## Limits")))
        if (row.size() == 3)
            told.emplace(row[0], row[1]);
    server_limits const limits;
    auto const bytes = [](std::size_t number) { return std::to_string(number); };
    auto const time = [](milliseconds limit) { return std::to_string(limit.count() / 1000) + " s"; };
    EXPECT_EQ(told["`header_bytes_max`"], bytes(limits.header_bytes_max));
    EXPECT_EQ(told["`connections_max`"], bytes(limits.connections_max));
    EXPECT_EQ(told["`in_flight_bytes_max`"], bytes(limits.in_flight_bytes_max));
    EXPECT_EQ(told["`header_timeout`"], time(limits.header_timeout));
    EXPECT_EQ(told["`body_timeout`"], time(limits.body_timeout));
    EXPECT_EQ(told["`idle_timeout`"], time(limits.idle_timeout));
    EXPECT_EQ(told["`write_timeout`"], time(limits.write_timeout));
}

TEST(http_reference, has_the_limits_of_the_configuration)
{
    words told;
    for (auto const& row : table_rows(section_of(http_page(), "## Limits")))
        for (auto const& key : config_keys())
            if (key.table == "server" && row[0] == "`" + std::string(key.name) + "`")
            {
                EXPECT_EQ(row[1], key.default_text) << key.name;
                told.insert(std::string(key.name));
            }
    EXPECT_EQ(
        told,
        (words{"cloud_body_bytes_max", "data_center_body_bytes_max", "in_flight_bytes_max", "connections_max"}
        )
    );
}

TEST(http_reference, has_the_other_numbers)
{
    auto const page = http_page();
    auto const says = [&](std::string const& text) { return page.find(text) != std::string::npos; };
    EXPECT_TRUE(says("at most " + std::to_string(ping_bytes_max) + " bytes"));
    EXPECT_TRUE(says("within " + std::to_string(delivery_id_kept / std::chrono::hours(24)) + " days"));
    EXPECT_TRUE(says(std::to_string(writer_settings().queue_max) + " writes may wait"));
    EXPECT_TRUE(says("| " + std::to_string(slack::answer_bytes_max) + " bytes |"));
    EXPECT_TRUE(says("up to " + std::to_string(retry_after_max.count()) + " s |"));
    EXPECT_TRUE(
        says("| connecting | " + std::to_string(exchange_options().connect_timeout.count() / 1000) + " s |")
    );
}

TEST(http_reference, has_the_statuses_of_errors)
{
    auto const told = table_rows(section_of(http_page(), "## `POST /webhook/<link>`"));
    auto const has = [&](int status)
    { return std::ranges::any_of(told, [&](auto const& row) { return row[0] == std::to_string(status); }); };
    for (auto const code :
         {errc::invalid, errc::unauthorized, errc::not_found, errc::internal, errc::unavailable})
        EXPECT_TRUE(has(status_of(code))) << status_of(code);
    for (int const status : {200, 202, 405, 408, 413, 431})
        EXPECT_TRUE(has(status)) << status;
}

TEST(http_reference, has_every_header_that_is_kept)
{
    words told;
    std::regex const item("\n- `([^`]+)`(?=\n)");
    auto const list = section_of(http_page(), "### Headers that are kept");
    for (std::sregex_iterator one(list.begin(), list.end(), item); one != std::sregex_iterator(); ++one)
        told.insert((*one)[1]);
    // Every header that the program's sources or the page name, and some that must never be kept.
    auto const source = read_file(std::string(LINKSPAN_SOURCE_DIR) + "/cmd/linkspan/ingest.cpp");
    words asked = told;
    asked.insert({"Authorization", "Proxy-Authorization", "Cookie", "X-Hub-Signature", "Host"});
    std::regex const quoted("\"([A-Za-z0-9-]+)\"");
    for (std::sregex_iterator one(source.begin(), source.end(), quoted); one != std::sregex_iterator(); ++one)
        asked.insert((*one)[1]);
    std::vector<http_header> sent;
    for (auto const& name : asked)
        sent.push_back({name, "value"});
    words kept;
    auto const document = json::parse(kept_headers(sent));
    for (auto const& member : document.as_object())
        kept.insert(std::string(member.key()));
    EXPECT_EQ(told, kept);
}

// --- metrics
// --------------------------------------------------------------------------------------------------

struct family_row
{
    std::string type;
    words labels;

    bool operator==(family_row const&) const = default;
};

void PrintTo(family_row const& row, std::ostream* out)
{
    *out << row.type << ", labels:";
    for (auto const& label : row.labels)
        *out << ' ' << label;
}

// The families of Prometheus' text format. "le" belongs to histograms.
std::map<std::string, family_row> families_in(std::string const& text)
{
    std::map<std::string, family_row> out;
    std::regex const type("# TYPE ([a-z_]+) ([a-z]+)");
    for (std::sregex_iterator one(text.begin(), text.end(), type); one != std::sregex_iterator(); ++one)
        out[(*one)[1]].type = (*one)[2];
    std::regex const sample("\n([a-z_]+)\\{([^}]*)\\}");
    std::regex const label("([a-z_]+)=\"");
    for (std::sregex_iterator one(text.begin(), text.end(), sample); one != std::sregex_iterator(); ++one)
    {
        std::string const labels = (*one)[2];
        auto const family = out.find((*one)[1]);
        if (family != out.end())
            for (std::sregex_iterator l(labels.begin(), labels.end(), label); l != std::sregex_iterator();
                 ++l)
                family->second.labels.insert((*l)[1]);
    }
    return out;
}

TEST(metrics_reference, has_every_family_with_its_type_and_labels_and_no_other)
{
    metrics counts;
    counts.count_received("accepted");
    counts.count_digested("digested");
    counts.count_event("comment.added");
    counts.count_attempt("reviews", outcome_kind::accepted);
    counts.count_refresh("refreshed");
    counts.count_missed("watching");
    metrics::event_source const source{"bitbucket.org", "acme/api"};
    counts.count_source(source, "webhook");
    counts.tell_lateness(source, seconds(90));
    counts.count_enrichment("commits", true);
    counts.observe_commit(1);
    metrics::readings now_read;
    now_read.budgets.push_back({"cloud", "repositories", 1'000, 20});
    auto const known = families_in(counts.to_text(now_read));
    std::map<std::string, family_row> told;
    for (auto const& row : table_rows(document_text("docs/reference/metrics.md")))
        if (row.size() == 4 && row[0].starts_with("`linkspan_"))
        {
            auto& family = told[code_spans(row[0]).front()];
            family.type = row[1];
            family.labels = as_set(code_spans(row[2]));
        }
    EXPECT_GE(known.size(), 11u);
    EXPECT_EQ(told, known);
}

TEST(metrics_reference, repositories_that_are_too_many_are_one)
{
    metrics counts;
    for (std::size_t i = 0; i < counted_repositories_max + 2; ++i)
        counts.count_source({"bitbucket.org", "acme/r" + std::to_string(i)}, "poll");
    counts.count_source({"bitbucket.org", "acme/r0"}, "poll");
    auto const text = counts.to_text({});
    EXPECT_NE(
        text.find(R"(events_total{instance="bitbucket.org",origin="poll",repository="acme/r0"} 2)"), text.npos
    );
    EXPECT_NE(text.find(R"(events_total{instance="",origin="poll",repository=""} 2)"), text.npos);
    EXPECT_EQ(text.find("acme/r" + std::to_string(counted_repositories_max) + "\""), text.npos);
}

TEST(metrics_reference, has_the_values_of_labels)
{
    auto const values = section_of(document_text("docs/reference/metrics.md"), "## Values of labels");
    auto const told = as_set(code_spans(values));
    for (auto const kind :
         {outcome_kind::accepted,
          outcome_kind::retry_after,
          outcome_kind::rejected_message,
          outcome_kind::rejected_destination,
          outcome_kind::unknown})
        EXPECT_TRUE(told.contains(std::string(name_of(kind)))) << name_of(kind);
    for (auto const state :
         {inbox_state::pending, inbox_state::digested, inbox_state::unrecognised, inbox_state::unreadable})
        EXPECT_TRUE(told.contains(std::string(name_of(state)))) << name_of(state);
    for (auto const resource :
         {resource_class::repositories,
          resource_class::raw_files,
          resource_class::hooks,
          resource_class::data_center})
        EXPECT_TRUE(told.contains(std::string(name_of(resource)))) << name_of(resource);
    // The words that the program counts requests and rows by.
    std::regex const counted("(?:count_received|count_digested|refuse)\\(([^;]*);");
    std::regex const quoted("\"([a-z_]+)\"");
    for (auto const* file : {"ingest.cpp", "app.cpp", "digest.cpp"})
    {
        auto const source = read_file(std::string(LINKSPAN_SOURCE_DIR) + "/cmd/linkspan/" + file);
        for (std::sregex_iterator call(source.begin(), source.end(), counted); call != std::sregex_iterator();
             ++call)
        {
            std::string const arguments = (*call)[1];
            for (std::sregex_iterator w(arguments.begin(), arguments.end(), quoted);
                 w != std::sregex_iterator();
                 ++w)
                EXPECT_TRUE(told.contains((*w)[1])) << (*w)[1] << " of " << file;
        }
    }
}

// --- dependencies
// ---------------------------------------------------------------------------------------------

TEST(dependencies_page, names_everything_that_the_build_looks_for)
{
    auto const told = as_set(code_spans(document_text("docs/explanation/dependencies.md")));
    std::size_t found = 0;
    std::regex const look("(?:find_package|pkg_check_modules)\\(([A-Za-z0-9_+-]+)");
    for (auto const* file : {"/CMakeLists.txt", "/tests/CMakeLists.txt"})
    {
        auto const text = read_file(LINKSPAN_SOURCE_DIR + std::string(file));
        for (std::sregex_iterator one(text.begin(), text.end(), look); one != std::sregex_iterator();
             ++one, ++found)
            EXPECT_TRUE(told.contains((*one)[1])) << (*one)[1];
    }
    EXPECT_GE(found, 12u);
}

TEST(dependencies_page, names_every_package_that_is_installed_and_no_other)
{
    auto const script = read_file(std::string(LINKSPAN_SOURCE_DIR) + "/tests/support/packages.sh");
    auto const begin = script.find("packages_of()");
    auto sets = script.substr(begin, script.find("\n}\n", begin) - begin);
    sets = std::regex_replace(sets, std::regex("\\\\\n"), " ");
    words wanted;
    std::regex const list("echo ([^;\n]+)");
    std::regex const name("[a-z0-9][a-z0-9.+-]+");
    for (std::sregex_iterator one(sets.begin(), sets.end(), list); one != std::sregex_iterator(); ++one)
    {
        std::string const line = (*one)[1];
        for (std::sregex_iterator w(line.begin(), line.end(), name); w != std::sregex_iterator(); ++w)
            wanted.insert(w->str());
    }
    ASSERT_TRUE(wanted.contains("libssl-dev") && wanted.contains("nodejs") && wanted.contains("debootstrap"));
    words told;
    for (auto const& row : table_rows(document_text("docs/explanation/dependencies.md")))
        if (auto const codes = code_spans(row.front());
            codes.size() == 1 && row.front() == "`" + codes.front() + "`")
            told.insert(codes.front());
    EXPECT_EQ(told, wanted);
}

}  // namespace
}  // namespace linkspan
