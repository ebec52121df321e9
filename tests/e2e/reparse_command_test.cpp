#include "store/inbox.hpp"
#include "store/store.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/served_program.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

time_point const received_at = parse_time("2026-11-20T09:30:00Z").value();

// Deliveries that an older version has set aside; the one under test is the upgrade.
class reparse_command : public testing::Test
{
protected:
    reparse_command()
    {
        // The program makes the database, so that its place and schema are those of a user.
        profile.run({"create-link", "--template", "console"});
        database = command_store::open(profile.database()).value();
        profile.write_config("[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n");
    }

    std::int64_t keep(
        std::string const& key, std::string const& body, inbox_state state, std::string const& headers = "{}"
    )
    {
        return database
            .write<std::int64_t>(
                received_at,
                [&](transaction& tx) -> result<std::int64_t>
                {
                    inbox_entry entry;
                    entry.link = "hook";
                    entry.instance = "bitbucket.org";
                    entry.event_key = key;
                    entry.headers = headers;
                    entry.body = body;
                    entry.received_at = received_at;
                    auto const id = append(tx, entry).value().id;
                    if (state != inbox_state::pending)
                    {
                        count_attempt(tx, {id}).value();
                        mark(tx, id, state, "an older version did not know it").value();
                    }
                    return id.value;
                }
            )
            .value();
    }

    std::string ask(char const* sql) const
    {
        SQLite::Database raw(profile.database().string(), SQLite::OPEN_READONLY);
        raw.setBusyTimeout(5000);
        SQLite::Statement statement(raw, sql);
        return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
    }

    program_profile profile;
    command_store database;
    sample_delivery const opened = sample_named(edition::cloud, "opened");
};

TEST_F(reparse_command, queues_what_can_be_read_and_tells_why_the_rest_stays)
{
    auto const good = keep("pullrequest:created", opened.body, inbox_state::unrecognised);
    auto const unknown = keep("repo:unheard_of", "{}", inbox_state::unrecognised);
    auto const broken = keep("pullrequest:created", "{\x1b[2J", inbox_state::unreadable);
    auto const waiting = keep("pullrequest:created", "{}", inbox_state::pending);

    auto const unreadable = profile.run({"events", "reparse", "--state", "unreadable", "--json"});
    ASSERT_EQ(unreadable.code, 0) << unreadable.err;
    EXPECT_EQ(unreadable.json().at("queued").as_array().size(), 0u);
    EXPECT_EQ(unreadable.json().at("left").as_array().size(), 1u);

    auto const done = profile.run({"events", "reparse", "--json"}).json();
    ASSERT_EQ(done.at("queued").as_array().size(), 1u);
    EXPECT_EQ(done.at("queued").at(0).as_int64(), good);
    ASSERT_EQ(done.at("left").as_array().size(), 2u);
    EXPECT_EQ(done.at("left").at(0).at("delivery").as_int64(), unknown);
    EXPECT_NE(done.at("left").at(0).at("reason").as_string().find("repo:unheard_of"), std::string::npos);
    EXPECT_EQ(done.at("left").at(1).at("delivery").as_int64(), broken);
    EXPECT_EQ(done.at("left").at(1).at("state").as_string(), "unreadable");
    EXPECT_FALSE(done.at("served").as_bool());
    EXPECT_EQ(ask("SELECT state || ' ' || attempts FROM inbox WHERE id = 1"), "0 0");
    EXPECT_EQ(ask("SELECT group_concat(id) FROM inbox WHERE state = 0"), "1," + std::to_string(waiting));

    auto const text = profile.run({"events", "reparse"});
    EXPECT_NE(text.out.find("0 deliveries queued."), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("2 deliveries stay set aside."), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("the body is not JSON"), std::string::npos) << text.out;
    EXPECT_EQ(text.out.find('\x1b'), std::string::npos) << text.out;
    // Who looks only at the list finds the reason there, too.
    EXPECT_NE(profile.run({"events"}).out.find("an older version did not know it"), std::string::npos);
}

TEST_F(reparse_command, takes_many_rows_and_shows_some)
{
    for (int i = 0; i < 60; ++i)
        keep("repo:unheard_of", "{}", inbox_state::unrecognised);
    for (int i = 0; i < 450; ++i)
        keep("pullrequest:created", opened.body, inbox_state::unrecognised);
    auto const done = profile.run({"events", "reparse"});
    EXPECT_NE(
        done.out.find("450 deliveries queued; linkspan serve takes them up when it starts."),
        std::string::npos
    ) << done.out;
    EXPECT_NE(done.out.find("... and 10 more"), std::string::npos) << done.out;
    EXPECT_EQ(ask("SELECT count(*) FROM inbox WHERE state = 0"), "450");
}

TEST_F(reparse_command, refuses_other_states_and_needs_no_database)
{
    EXPECT_EQ(profile.run({"events", "reparse", "--state", "digested"}).code, 2);
    program_profile empty;
    auto const nothing = empty.run({"events", "reparse"});
    EXPECT_EQ(nothing.code, 0) << nothing.err;
    EXPECT_EQ(nothing.out, "0 deliveries queued.\n");
    EXPECT_FALSE(std::filesystem::exists(empty.database()));
}

TEST_F(reparse_command, a_running_serve_takes_them_up_and_counts_the_rest)
{
    keep("pullrequest:created", opened.body, inbox_state::unrecognised);
    keep("repo:unheard_of", "{}", inbox_state::unrecognised);
    served_program serve(profile);
    auto const counted = get(serve.admin_url() + "/metrics").body;
    EXPECT_NE(counted.find("linkspan_inbox_deliveries{state=\"unrecognised\"} 2"), std::string::npos)
        << counted;
    auto const done = profile.run({"events", "reparse"});
    EXPECT_NE(
        done.out.find("1 delivery queued; the running linkspan serve takes them up within a second."),
        std::string::npos
    ) << done.out;
    EXPECT_TRUE(eventually([&] { return ask("SELECT count(*) FROM event") == "1"; }, seconds(10)));
    EXPECT_EQ(ask("SELECT kind FROM event"), "pull_request.opened");
    auto const after = get(serve.admin_url() + "/metrics").body;
    EXPECT_NE(after.find("linkspan_inbox_deliveries{state=\"unrecognised\"} 1"), std::string::npos) << after;
}

TEST_F(reparse_command, the_kept_header_tells_when_it_happened)
{
    keep(
        "repo:updated",
        R"({"repository":{"uuid":"{r}","full_name":"acme/api"},"changes":{"name":{"old":"a","new":"b"}}})",
        inbox_state::unrecognised,
        R"({"X-Event-Time":"Fri, 20 Nov 2026 09:20:00 GMT"})"
    );
    profile.run({"events", "reparse"});
    served_program serve(profile);
    ASSERT_TRUE(eventually([&] { return ask("SELECT count(*) FROM event") == "1"; }));
    EXPECT_EQ(
        ask("SELECT occurred_at FROM event"),
        std::to_string(to_milliseconds(parse_time("2026-11-20T09:20:00Z").value()))
    );
}

// A row that ended the process is met at the start, whatever was queued again in front of it meanwhile.
TEST_F(reparse_command, rows_that_were_counted_and_not_finished_come_first)
{
    keep("pullrequest:created", opened.body, inbox_state::unrecognised);
    auto other = object_of(opened.body);
    other["pullrequest"].as_object()["id"] = 8;
    auto const suspect = keep("pullrequest:created", boost::json::serialize(other), inbox_state::pending);
    database
        .write<bool>(
            received_at,
            [&](transaction& tx) -> result<bool>
            {
                count_attempt(tx, {inbox_id(suspect)}).value();
                return true;
            }
        )
        .value();
    profile.run({"events", "reparse"});
    served_program serve(profile);
    ASSERT_TRUE(eventually([&] { return ask("SELECT count(*) FROM inbox WHERE state = 1") == "2"; }));
    EXPECT_EQ(ask("SELECT group_concat(pull_request) FROM (SELECT * FROM event ORDER BY seq)"), "8,7");
    EXPECT_EQ(ask("SELECT group_concat(attempts) FROM inbox"), "1,2");
}

// The late row is older than what is known: it tells that the pull request was opened, and changes nothing.
TEST_F(reparse_command, late_rows_do_not_move_anything_back)
{
    keep("pullrequest:created", opened.body, inbox_state::unrecognised);
    auto later = object_of(opened.body);
    auto& about = later["pullrequest"].as_object();
    about["title"] = "The newer title";
    about["updated_on"] = to_rfc3339(opened.at + std::chrono::minutes(5));
    keep("pullrequest:updated", boost::json::serialize(later), inbox_state::pending);
    served_program serve(profile);
    ASSERT_TRUE(eventually([&] { return ask("SELECT count(*) FROM inbox WHERE state = 1") == "1"; }));
    profile.run({"events", "reparse"});
    ASSERT_TRUE(eventually([&] { return ask("SELECT count(*) FROM inbox WHERE state = 1") == "2"; }));
    EXPECT_NE(ask("SELECT json FROM snapshot").find("The newer title"), std::string::npos);
    EXPECT_EQ(ask("SELECT group_concat(kind) FROM event"), "pull_request.updated,pull_request.opened");
}

}  // namespace
}  // namespace linkspan::test
