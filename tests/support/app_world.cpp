#include "tests/support/app_world.hpp"

namespace linkspan::test
{

app_world::app_world() : now_(to_milliseconds(story_day())), settings(quick_config())
{
    profile.add_link("console", "console", {});
    add_destination(settings, "terminal", "console");
    add_rule(settings, "terminal");
}

app_world::~app_world()
{
    stop();
}

void app_world::start()
{
    stop();
    app = std::make_unique<running_app>(profile, settings, now());
    place_hook(app->public_url() + "/webhook/hook");
}

void app_world::stop()
{
    if (app)
    {
        auto const ended = app->stop();
        EXPECT_TRUE(ended) << ended.error().message;
    }
    app.reset();
}

void app_world::advance(milliseconds duration)
{
    now_ += duration.count();
    (*app)->advance(duration);
    (void)(*app)->is_quiet();  // the loop has taken the step
}

// A wait whose time has come is ended by the loop's next turn: hence two looks.
bool app_world::settle()
{
    int quiet = 0;
    return eventually(
        [&]
        {
            quiet = (*app)->is_quiet() ? quiet + 1 : 0;
            return quiet == 2;
        },
        seconds(5)
    );
}

void app_world::pass_until(time_point moment)
{
    settle();  // what came last says when something is due
    while (now() < moment)
    {
        auto const due = (*app)->next_due();
        auto const next = due && *due > now() && *due < moment ? *due : moment;
        advance(next - now());
        settle();
    }
}

bool app_world::becomes(std::string const& rows, std::int64_t count)
{
    return eventually([&] { return profile.count(rows) == count; });
}

bool app_world::becomes_in_time(std::string const& rows, std::int64_t count, milliseconds step)
{
    return eventually(
        [&]
        {
            if (profile.count(rows) == count)
                return true;
            advance(step);
            settle();
            return false;
        }
    );
}

std::int64_t app_world::events(std::string const& kind)
{
    return profile.count("event WHERE kind = '" + kind + "'");
}

std::string app_world::origin_of(std::string const& kind)
{
    return profile.query("SELECT json_extract(json, '$.origin') FROM event WHERE kind = '" + kind + "'");
}

}  // namespace linkspan::test
