#include "cmd/linkspan/cli.hpp"

namespace linkspan
{

void command_line::add_backfill_command()
{
    auto* backfilled = add(
        app_,
        "backfill",
        "Read the open pull requests of a source, so that their next updates can be told; announces nothing",
        "  linkspan backfill bitbucket\n  linkspan backfill bitbucket acme/api --json"
    );
    filled(named(backfilled->add_option("SOURCE", backfill_.source, "A [[source]] with an api link"), ""))
        ->required();
    filled(named(
        backfilled->add_option(
            "REPOSITORY", backfill_.repository, "Only this one, as in acme/api; default: all of the source"
        ),
        ""
    ));
    commands_.push_back(
        {backfilled,
         [this](terminal& on)
         {
             fill(backfill_);
             return backfill(on, backfill_);
         }}
    );
}

void command_line::add_gaps_command()
{
    auto* gaps = add(
        app_,
        "gaps",
        "Show what webhooks told of each repository, what they should have told, and how late it was found",
        "  linkspan gaps\n  linkspan gaps --repository 'acme/*' --since 24h --json"
    );
    filled(named(
        gaps->add_option(
            "--since", gaps_.since, "How far back: 30min, 24h, 7d, a day or a moment; default: 7d"
        ),
        "TIME"
    ));
    filled(named(
        gaps->add_option("--repository", gaps_.repository, "Only repositories that match, as in \"acme/*\""),
        "GLOB"
    ));
    gaps->add_flag(
        "--only-store", gaps_.only_store, "Ask no Data Center how the webhooks fare that were missed"
    );
    commands_.push_back(
        {gaps,
         [this](terminal& on)
         {
             fill(gaps_);
             return show_gaps(on, gaps_);
         },
         true,
         true}
    );
}

}  // namespace linkspan
