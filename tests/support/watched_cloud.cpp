#include "tests/support/watched_cloud.hpp"

#include <utility>

namespace linkspan::test
{

cloud_world::cloud_world() : now_(to_milliseconds(story_day())), cloud([this] { return now(); })
{
    cloud.add_token("a-token");
    cloud.add_repository("api");
    profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "bitbucket-access-token",
        "api",
        {{"token", "a-token"}, {"workspace", "acme"}, {"api_url", cloud.api_url()}}
    );
    profile.add_link("console", "console", {});
    settings = quick_config();
    add_source(settings, "hook", edition::cloud, "bitbucket.org");
    settings.sources.front().api = "api";
    add_destination(settings, "terminal", "console");
    add_rule(settings, "terminal");
}

void cloud_world::start()
{
    stop();
    app = std::make_unique<running_app>(profile, settings, now());
    auto const url = app->public_url() + "/webhook/hook";
    if (std::exchange(has_hook_, true))
        cloud.move_hooks(url);
    else
        cloud.add_hook(url, webhook_key);
}

cloud_world::~cloud_world()
{
    stop();
}

void cloud_world::stop()
{
    if (app)
    {
        auto const ended = app->stop();
        EXPECT_TRUE(ended) << ended.error().message;
    }
    app.reset();
}

void cloud_world::advance(milliseconds duration)
{
    now_ += duration.count();
    (*app)->advance(duration);
    (void)(*app)->is_quiet();  // the loop has taken the step
}

// A wait whose time has come is ended by the loop's next turn: hence two looks.
bool cloud_world::settle()
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

void cloud_world::pass_until(time_point moment)
{
    while (now() < moment)
    {
        auto const due = (*app)->next_due();
        auto const next = due && *due > now() && *due < moment ? *due : moment;
        advance(next - now());
        settle();
    }
}

bool cloud_world::becomes(std::string const& rows, std::int64_t count)
{
    return eventually([&] { return profile.count(rows) == count; });
}

bool cloud_world::becomes_in_time(std::string const& rows, std::int64_t count, milliseconds step)
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

std::int64_t cloud_world::events(std::string const& kind)
{
    return profile.count("event WHERE kind = '" + kind + "'");
}

std::string cloud_world::origin_of(std::string const& kind)
{
    return profile.query("SELECT json_extract(json, '$.origin') FROM event WHERE kind = '" + kind + "'");
}

}  // namespace linkspan::test
