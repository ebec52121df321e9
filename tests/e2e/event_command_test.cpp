#include "store/deliveries.hpp"
#include "store/events.hpp"
#include "store/inbox.hpp"
#include "store/store.hpp"
#include "tests/support/events.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <sstream>

namespace linkspan::test
{
namespace
{

time_point const events_begin = parse_time("2026-11-20T09:30:00Z").value();

class event_command : public testing::Test
{
protected:
    event_command()
    {
        // The program makes the database, so that its place and schema are those of a user.
        profile.run({"create-link", "--template", "console"});
        database = command_store::open(profile.database()).value();
    }

    event_id insert(event_kind kind, int second, std::int64_t pull_request = 7)
    {
        auto happened = sample_event(kind);
        happened.received_at = events_begin + seconds(second);
        happened.key = "key " + std::to_string(second);
        std::array<std::uint8_t, 10> random{};
        random[0] = static_cast<std::uint8_t>(second);
        happened.id = make_event_id(happened.received_at, random);
        if (happened.pull_request)
            happened.pull_request->id = pull_request;
        write(
            [&](transaction& tx)
            {
                auto const row = insert_event(tx, happened).value().value();
                planned_delivery planned;
                planned.destination = "team";
                planned.conversation = "one";
                planned.why = "rule \"all\": repositories: acme/api matches acme/*";
                plan_deliveries(tx, row, {planned}, tx.now()).value();
            }
        );
        return happened.id;
    }

    std::int64_t set_aside(std::string const& key, std::string const& body, inbox_state state, int second)
    {
        std::int64_t id = 0;
        write(
            [&](transaction& tx)
            {
                inbox_entry entry;
                entry.link = link;
                entry.instance = "bitbucket.org";
                entry.event_key = key;
                entry.headers = "{\"X-Event-Key\":\"" + key + "\"}";
                entry.body = body;
                entry.received_at = events_begin + seconds(second);
                id = append(tx, entry).value().id.value;
                mark(tx, inbox_id(id), state, "because of \x1b[31mthat").value();
            }
        );
        return id;
    }

    void write(std::function<void(transaction&)> const& work)
    {
        database
            .write<int>(
                events_begin,
                [&](transaction& tx) -> result<int>
                {
                    work(tx);
                    return 0;
                }
            )
            .value();
    }

    std::vector<std::string> kinds(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {"events", "--json"});
        auto const listed = profile.run(arguments);
        EXPECT_EQ(listed.code, 0) << listed.err;
        std::vector<std::string> out;
        auto const all = listed.json().at("events").as_array();
        for (auto const& one : all)
            out.emplace_back(
                one.as_object().contains("kind") ? one.at("kind").as_string() : one.at("state").as_string()
            );
        return out;
    }

    std::string insert_as(std::string const& id, event happened)
    {
        happened.received_at = events_begin;
        happened.key = "key of " + id;
        happened.id = event_id(id);
        write([&](transaction& tx) { insert_event(tx, happened).value(); });
        return id;
    }
    std::string insert_as(std::string const& id, event_kind kind)
    {
        return insert_as(id, sample_event(kind));
    }

    program_profile profile;
    command_store database;
    std::string link = "hook";
};

using names = std::vector<std::string>;

TEST_F(event_command, lists_events_and_set_aside_deliveries_by_time)
{
    insert(event_kind::pull_request_opened, 1);
    auto const number = set_aside("repo:fork", "{}", inbox_state::unrecognised, 2);
    auto const id = insert(event_kind::comment_added, 3);
    EXPECT_EQ(kinds({}), (names{"pull_request.opened", "unrecognised", "comment.added"}));
    auto const listed = profile.run({"events", "list"});
    EXPECT_EQ(listed.out, profile.run({"events"}).out);
    EXPECT_NE(listed.out.find("acme/api#7"), std::string::npos) << listed.out;
    EXPECT_NE(listed.out.find(id.value.substr(0, 13) + "  "), std::string::npos) << listed.out;
    EXPECT_NE(listed.out.find("delivery " + std::to_string(number)), std::string::npos) << listed.out;
    EXPECT_NE(listed.out.find("unrecognised: repo:fork: because of that"), std::string::npos) << listed.out;
    EXPECT_EQ(listed.out.find('\x1b'), std::string::npos) << "what others wrote is made safe";
}

TEST_F(event_command, shows_as_much_of_an_id_as_names_one_event)
{
    // Two events of one moment, and one that is not listed.
    auto const ids = {
        insert_as("01932c5e-7b1d-7a01-8000-000000000001", event_kind::pull_request_opened),
        insert_as("01932c5e-7b1d-7a02-8000-000000000001", event_kind::comment_added)};
    insert_as("01932c5e-7b1d-7a02-9000-000000000001", event_kind::branch_updated);
    auto const listed = profile.run({"events", "--pull-request", "7"}).out;
    for (auto const& id : ids)
    {
        auto const shown = id.substr(0, 20);
        EXPECT_NE(listed.find("\n" + shown + "  "), std::string::npos) << listed;
        EXPECT_EQ(profile.run({"events", "show", shown, "--format", "json"}).json().at("id").as_string(), id);
        EXPECT_EQ(profile.run({"events", "show", id.substr(0, 13)}).code, 4);
    }
}

TEST_F(event_command, lines_of_usual_events_fit_a_hundred_columns)
{
    insert(event_kind::pull_request_changes_requested, 1, 412);
    insert(event_kind::branch_updated, 2);
    set_aside("repo:fork", "{}", inbox_state::unrecognised, 3);
    std::istringstream lines(profile.run({"events"}).out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 100U) << line;
}

TEST_F(event_command, only_a_terminal_wraps_what_is_long)
{
    auto happened = sample_event(event_kind::pull_request_opened);
    happened.pull_request->title = std::string(50, 't') + " end";
    happened.repository->full_name = "acme/" + std::string(40, 'r');
    insert_as("01932c5e-7b1d-7a01-8000-000000000001", happened);
    EXPECT_NE(profile.run({"events"}).out.find(" end ("), std::string::npos);
    auto const shown = profile.run_on_screen({"events", "--no-color"}, 90);
    std::istringstream lines(shown);
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);)
        longest = std::max(longest, line.size() - (line.ends_with('\r') ? 1 : 0));
    EXPECT_LE(longest, 90U) << shown;
    EXPECT_EQ(shown.find("..."), std::string::npos) << shown;
    EXPECT_NE(shown.find("t end\r"), std::string::npos) << shown;
}

TEST_F(event_command, takes_an_id_as_people_write_it)
{
    auto const id = insert_as("01932c5e-7b1d-7a01-8000-00000000abcd", event_kind::pull_request_opened);
    for (auto const* typed :
         {"01932C5E-7B1D-7A01-8000-00000000ABCD",
          "01932c5e7b1d7a01800000000000abcd",
          "01932C5E7B1D",
          "01932c5e-",
          "01932c5e-7b1d-7"})
    {
        auto const shown = profile.run({"events", "show", typed, "--format", "json"});
        ASSERT_EQ(shown.code, 0) << typed << shown.err;
        EXPECT_EQ(shown.json().at("id").as_string(), id) << typed;
        EXPECT_EQ(profile.run({"explain", typed}).code, 0) << typed;
    }
}

TEST_F(event_command, takes_a_delivery_as_the_table_calls_it)
{
    auto const number = std::to_string(set_aside("repo:fork", "{}", inbox_state::unrecognised, 1));
    auto const alone = profile.run({"events", "show", number});
    EXPECT_EQ(alone.code, 0) << alone.err;
    EXPECT_EQ(profile.run({"events", "show", "delivery", number}).out, alone.out);
    EXPECT_EQ(profile.run({"events", "show", "delivery " + number}).out, alone.out);
    EXPECT_EQ(profile.run({"events", "show", "delivery", number, "9"}).code, 2);
}

TEST_F(event_command, what_is_not_found_names_the_right_form)
{
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"events", "show", "9999"},
             {"events", "show", "delivery", "9999"},
             {"events", "show", "delivery", "nine"},
             {"events", "show", "acme/api#7"}})
    {
        auto const refused = profile.run(words);
        EXPECT_EQ(refused.code, 3) << refused.err;
        EXPECT_NE(refused.err.find("as in 01932c5e-7b1d, and deliveries"), std::string::npos) << refused.err;
        EXPECT_NE(refused.err.find("by number, as in delivery 12"), std::string::npos) << refused.err;
    }
}

TEST_F(event_command, names_the_link_and_not_its_id)
{
    profile.run(
        {"create-link", "--template", "bitbucket-webhook", "--name", "api", "--kv", "webhook_secret=-"},
        "a secret"
    );
    auto const id = profile.run({"get-link", "api", "--json"}).json().at("id").as_string();
    link = id.c_str();
    auto const number = std::to_string(set_aside("repo:fork", "{}", inbox_state::unrecognised, 1));
    for (auto const& words : {std::vector<std::string>{"events"}, {"events", "show", number}})
    {
        auto const out = profile.run(words).out;
        EXPECT_NE(out.find("api"), std::string::npos) << out;
        EXPECT_EQ(out.find(link), std::string::npos) << out;
        auto with_json = words;
        with_json.emplace_back("--json");
        EXPECT_NE(profile.run(with_json).out.find(link), std::string::npos);
    }
}

TEST_F(event_command, a_repository_that_nothing_is_called_is_refused)
{
    insert(event_kind::comment_added, 1);
    auto const refused = profile.run({"events", "--repository", "acme"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("write for example \"acme/*\""), std::string::npos) << refused.err;
    EXPECT_EQ(profile.run({"events", "--repository", "ac**"}).code, 0);
}

TEST_F(event_command, filters)
{
    insert(event_kind::pull_request_opened, 1);
    insert(event_kind::comment_added, 2, 8);
    insert(event_kind::comment_added, 3);
    set_aside("repo:fork", "{}", inbox_state::unrecognised, 4);
    EXPECT_EQ(kinds({"--kind", "comment.*"}), (names{"comment.added", "comment.added"}));
    EXPECT_EQ(kinds({"--pull-request", "8"}), (names{"comment.added"}));
    EXPECT_EQ(kinds({"list", "--repository", "acme/*", "--limit", "1"}), (names{"comment.added"}));
    EXPECT_EQ(kinds({"--repository", "other/*"}), names());
    EXPECT_EQ(kinds({"--limit", "2"}), (names{"comment.added", "unrecognised"}));
    EXPECT_EQ(profile.run({"events", "--kind", "coment.*"}).code, 2);
    EXPECT_EQ(profile.run({"events", "--limit", "0"}).code, 2);
    EXPECT_EQ(profile.run({"events", "--limit", "10001"}).code, 2);
    EXPECT_EQ(profile.run({"events", "--limit", "-1"}).code, 2);
}

TEST_F(event_command, shows_an_event_and_where_it_went)
{
    auto const id = insert(event_kind::pull_request_opened, 1);
    insert(event_kind::comment_added, 200);
    for (auto const& name : {id.value, id.value.substr(0, 13)})
    {
        auto const document = profile.run({"events", "show", name, "--json"}).json();
        EXPECT_EQ(document.at("event").at("id").as_string(), id.value);
        EXPECT_EQ(document.at("deliveries").at(0).at("destination").as_string(), "team");
        EXPECT_EQ(document.at("deliveries").at(0).at("state").as_string(), "pending");
        EXPECT_EQ(document.at("deliveries").at(0).at("attempts").as_int64(), 0);
    }
    auto const text = profile.run({"events", "show", id.value}).out;
    EXPECT_NE(text.find("\"kind\": \"pull_request.opened\""), std::string::npos) << text;
    EXPECT_NE(text.find("acme/api matches acme/*"), std::string::npos) << text;
    EXPECT_EQ(profile.run({"events", "show", "ffffffff"}).code, 3);
    EXPECT_EQ(profile.run({"events", "show", "abc"}).code, 3);
}

TEST_F(event_command, shows_an_event_in_other_forms)
{
    auto const id = insert(event_kind::pull_request_opened, 1).value;
    auto const show = [&](std::string const& what, std::string const& format) {
        return profile.run({"events", "show", what, "--format", format});
    };
    auto const own = show(id, "json").json();
    EXPECT_EQ(own.at("kind").as_string(), "pull_request.opened");
    auto const cloud = show(id, "cloudevents").json();
    EXPECT_EQ(cloud.at("type").as_string(), "dev.linkspan.pull_request.opened");
    EXPECT_EQ(cloud.at("data"), own);
    EXPECT_EQ(
        show(id, "cdevents").json().at("context").at("type").as_string(), "dev.cdevents.change.created.0.3.0"
    );
    EXPECT_EQ(show(id, "yaml").code, 2);
    auto const comment = show(insert(event_kind::comment_added, 200).value, "cdevents");
    EXPECT_EQ(comment.code, 2);
    EXPECT_NE(comment.err.find("--format cloudevents takes every event"), std::string::npos) << comment.err;
    EXPECT_LE(comment.err.size(), 200U) << comment.err;
    auto const number = set_aside("repo:fork", "{}", inbox_state::unrecognised, 2);
    EXPECT_EQ(show(std::to_string(number), "json").code, 2);
}

TEST_F(event_command, a_beginning_that_fits_several_is_a_conflict)
{
    auto const id = insert(event_kind::pull_request_opened, 0);
    insert(event_kind::comment_added, 1);
    EXPECT_EQ(profile.run({"events", "show", id.value.substr(0, 8)}).code, 4);
}

TEST_F(event_command, shows_a_delivery_by_its_number)
{
    auto const number =
        std::to_string(set_aside("repo:fork", "{\"a\": \"\x1b[2J\xff\"", inbox_state::unreadable, 1));
    auto const text = profile.run({"events", "show", number});
    EXPECT_EQ(text.code, 0) << text.err;
    EXPECT_NE(text.out.find("unreadable"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("X-Event-Key"), std::string::npos) << text.out;
    EXPECT_EQ(text.out.find('\x1b'), std::string::npos) << text.out;
    auto const document = profile.run({"events", "show", number, "--json"}).json();
    EXPECT_EQ(document.at("state").as_string(), "unreadable");
    EXPECT_EQ(document.at("headers").at("X-Event-Key").as_string(), "repo:fork");
    EXPECT_EQ(document.at("body").as_string(), "{\"a\": \"\x1b[2J\xef\xbf\xbd\"");
    EXPECT_EQ(profile.run({"events", "show", "999"}).code, 3);
}

TEST_F(event_command, nothing_yet_is_no_error)
{
    program_profile empty;
    auto const listed = empty.run({"events"});
    EXPECT_EQ(listed.code, 0);
    EXPECT_EQ(listed.out, "");
    EXPECT_NE(listed.err.find("no events yet"), std::string::npos);
    EXPECT_EQ(empty.run({"events", "--json"}).json().at("events").as_array().size(), 0u);
    EXPECT_EQ(empty.run({"events", "show", "1"}).code, 3);
    EXPECT_FALSE(std::filesystem::exists(empty.database()));
}

}  // namespace
}  // namespace linkspan::test
