#include "cmd/linkspan/cli.hpp"
#include "store/flows.hpp"

namespace linkspan
{

void command_line::add_oauth_command()
{
    auto* oauth =
        add(app_,
            "start-oauth",
            "Sign in at the service of a link in a browser, and wait until that has happened",
            "  linkspan start-oauth bitbucket\n"
            "  linkspan start-oauth bitbucket --no-browser\n"
            "  linkspan start-oauth bitbucket --timeout 120 --json");
    named(oauth->add_option("LINK", oauth_.link, "The id or name of a link"), "")->required();
    oauth->add_flag(
        "--no-browser", oauth_.no_browser, "Open no browser; the answer may also be pasted into this command"
    );
    auto const life = std::chrono::duration_cast<seconds>(flow_life).count();
    named(
        add_number(
            *oauth,
            "--timeout",
            oauth_.timeout_seconds,
            {120, life},
            "Seconds to wait, at most 600; default: 600"
        ),
        "SECONDS"
    );
    commands_.push_back(
        {oauth,
         [this](terminal& on)
         {
             fill(oauth_);
             return start_oauth(on, oauth_);
         }}
    );
}

}  // namespace linkspan
