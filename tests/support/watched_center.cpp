#include "tests/support/watched_center.hpp"

namespace linkspan::test
{

center_world::center_world() : center([this] { return now(); })
{
    center.add_token("a-token");
    center.add_repository("api");
    profile.add_link("bitbucket-dc-webhook", "hook", {{"webhook_secret", webhook_key}});
    profile.add_link("bitbucket-dc-token", "api", {{"base_url", center.url()}, {"token", "a-token"}});
    add_source(settings, "hook", edition::data_center, "https://bitbucket.example.com");
    settings.sources.front().api = "api";
    settings.sources.front().repositories = {"ACME/api"};
}

void center_world::place_hook(std::string const& url)
{
    if (hook == 0)
        hook = center.add_hook(url, webhook_key);
    else
        center.move_hook(hook, url);
}

}  // namespace linkspan::test
