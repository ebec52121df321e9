#include "tests/support/watched_cloud.hpp"

#include <utility>

namespace linkspan::test
{

cloud_world::cloud_world() : cloud([this] { return now() + milliseconds(cloud_ahead.load()); })
{
    cloud.add_token("a-token");
    cloud.add_repository("api");
    profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
    profile.add_link(
        "bitbucket-access-token",
        "api",
        {{"token", "a-token"}, {"workspace", "acme"}, {"api_url", cloud.api_url()}}
    );
    add_source(settings, "hook", edition::cloud, "bitbucket.org");
    settings.sources.front().api = "api";
}

bool cloud_world::read_links_again()
{
    auto const name = "later-" + std::to_string(profile.count("link"));
    profile.add_link("bitbucket-webhook", name, {{"webhook_secret", webhook_key}});
    auto const sent = delivery_to(
        app->public_url(), name, edition::cloud, "diagnostics:ping", R"({"test":true})", webhook_key
    );
    return eventually([&] { return exchange_with(sent).status / 100 == 2; });
}

void cloud_world::mend_link()
{
    profile.set_field(link_id(profile.query("SELECT id FROM link WHERE name = 'api'")), "token", "a-token");
}

void cloud_world::place_hook(std::string const& url)
{
    if (std::exchange(has_hook_, true))
        cloud.move_hooks(url);
    else
        cloud.add_hook(url, webhook_key);
}

}  // namespace linkspan::test
