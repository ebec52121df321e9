#include "tests/support/watched_cloud.hpp"

namespace linkspan::test
{

cloud_world::cloud_world() : now_(to_milliseconds(story_day())), cloud([this] { return now(); })
{
    cloud.add_token("a token");
    cloud.add_repository("api");
    profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "bitbucket-access-token",
        "api",
        {{"token", "a token"}, {"workspace", "acme"}, {"api_url", cloud.api_url()}}
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
    cloud.remove_hooks();
    cloud.add_hook(app->public_url() + "/webhook/hook", webhook_key);
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
    (void)get(app->admin_url() + "/healthz");
}

// A look at the metrics goes through the loop, the reader and the loop again. Of two that see nothing to do the
// first may have come in between a step and what it begins.
bool cloud_world::settle()
{
    int quiet = 0;
    return eventually(
        [&]
        {
            auto const told = get(app->admin_url() + "/metrics").body;
            bool const is_quiet =
                told.find("\nlinkspan_inbox_deliveries{state=\"pending\"} 0\n") != std::string::npos &&
                told.find("\nlinkspan_api_tasks 0\n") != std::string::npos &&
                told.find("\nlinkspan_store_queued_writes 0\n") != std::string::npos;
            quiet = is_quiet ? quiet + 1 : 0;
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
