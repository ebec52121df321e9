#include "tests/support/watched_cloud.hpp"

namespace linkspan::test
{

watched_cloud::watched_cloud() : now_(to_milliseconds(story_day())), cloud([this] { return now(); })
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

void watched_cloud::start()
{
    stop();
    app = std::make_unique<running_app>(profile, settings, now());
    cloud.remove_hooks();
    cloud.add_hook(app->public_url() + "/webhook/hook", webhook_key);
}

void watched_cloud::stop()
{
    if (app)
    {
        auto const ended = app->stop();
        EXPECT_TRUE(ended) << ended.error().message;
    }
    app.reset();
}

void watched_cloud::advance(milliseconds duration)
{
    now_ += duration.count();
    (*app)->advance(duration);
    (void)get(app->admin_url() + "/healthz");
}

bool watched_cloud::becomes(std::string const& rows, std::int64_t count)
{
    return eventually([&] { return profile.count(rows) == count; });
}

bool watched_cloud::becomes_in_time(std::string const& rows, std::int64_t count, milliseconds step)
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

std::int64_t watched_cloud::events(std::string const& kind)
{
    return profile.count("event WHERE kind = '" + kind + "'");
}

std::string watched_cloud::origin_of(std::string const& kind)
{
    return profile.query("SELECT json_extract(json, '$.origin') FROM event WHERE kind = '" + kind + "'");
}

}  // namespace linkspan::test
