#include "cmd/linkspan/app.hpp"
#include "cmd/linkspan/keys.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

constexpr milliseconds reload_wait{1'000};

result<std::shared_ptr<link_directory const>> load_links(transaction& tx, key_reader& reader)
{
    auto const keys = keys_of_daemon(tx, reader);
    if (!keys)
        return keys.error();
    return link_directory::load(tx, *keys, "there is no master key");
}

void tell_sign_in(log& into, sign_in_news const& news)
{
    auto const level = news.is_good ? log_level::info : log_level::warning;
    if (news.why.empty())
        into.write(level, news.what, {{"link", news.link}});
    else if (news.link.empty())
        into.write(level, news.what, {{"why", news.why}});
    else
        into.write(level, news.what, {{"link", news.link}, {"why", news.why}});
}

}  // namespace

// Before the loop runs: a profile whose credentials cannot be opened does not start.
result<> app::open_links()
{
    auto reading = command_store::open(settings_.paths.database);
    if (!reading)
        return reading.error();
    std::function<result<std::shared_ptr<link_directory const>>(transaction&)> const work =
        [this](transaction& tx) { return load_links(tx, *settings_.paths.keys); };
    if (auto const named = name_keys(*reading, *settings_.paths.keys, now()); !named)
        return named.error();
    auto links = reading->read(now(), work);
    if (!links)
        return links.error();
    // From here on keys are read inside transactions.
    settings_.paths.keys->stop_asking();
    for (auto const& problem : (*links)->problems())
        log_.error("link left out", {{"why", problem}});
    use(*links);
    return {};
}

void app::use(std::shared_ptr<link_directory const> links)
{
    links_ = links;
    ingest_->use(links);
    deliver_->use(links);
    refresh_->use(links);
    auto const sources = polled_sources(settings_.configuration.sources, *links);
    std::set<std::string> asked, with_webhooks;
    for (auto const& source : sources)
    {
        asked.insert(source.instance);
        if (!source.is_poll_only)
            with_webhooks.insert(source.instance);
    }
    digest_->watch(std::move(asked), std::move(with_webhooks));
    std::set<std::string> folding;
    for (auto const& to : settings_.configuration.destinations)
        if (auto const* link = links->find(to.link); link != nullptr && link->kind->has_readers)
            folding.insert(to.name);
    digest_->fold_for(std::move(folding));
    watch_->use(sources);
    catch_up_->use(sources);
    enrich_->use(sources);
}

void app::make_keeper()
{
    calls_ = std::make_unique<link_services>(*token_client_, [this] { return now(); });
    calls_->request_timeout = std::min(
        calls_->request_timeout, milliseconds(seconds(settings_.configuration.server.request_timeout_seconds))
    );
    token_keeper::parts keeping{loop_, clock_, *calls_, store_for_keeper(), {}};
    keeping.tell = [this](open_link const& link, std::string_view what, std::string_view why)
    { tell_refresh(link, what, why); };
    keeping.actor = daemon_actor;
    keeper_ = std::make_unique<token_keeper>(std::move(keeping));
    refresh_ = std::make_unique<refresh_loop>(refresh_loop::parts{*store_, clock_, log_, sends_, *keeper_});
}

void app::make_watching()
{
    api_asker::parts const asking{
        *client_,
        clock_,
        *keeper_,
        [this](budget_work work) -> asio::awaitable<result<budget_answer>>
        {
            std::function<result<budget_answer>(transaction&)> const in_transaction = std::move(work);
            co_return co_await store_->write<budget_answer>(in_transaction);
        },
        seconds(settings_.configuration.server.request_timeout_seconds),
        daemon_actor};
    asker_ = std::make_unique<api_asker>(asking);
    auto const on_row = [this] { digest_->notify(); };
    auto const on_recovered = [this](std::string const& instance) { catch_up_->expect_losses(instance); };
    watch_ = std::make_unique<watch_loop>(watch_loop::parts{
        *store_, clock_, log_, asks_, *asker_, on_row, on_recovered});
    catch_up_beats beats;
    beats.active = seconds(settings_.configuration.server.catch_up_seconds);
    beats.quiet = seconds(settings_.configuration.server.quiet_catch_up_seconds);
    catch_up_ = std::make_unique<catch_up_loop>(catch_up_loop::parts{
        *store_, clock_, log_, asks_, *asker_, on_row, beats});
    enrich_loop::parts const enriching{
        *store_, clock_, counts_, log_, asks_, *asker_, [this](std::vector<lane> const& lanes) {
            deliver_->planned(lanes);
        }};
    enrich_ = std::make_unique<enrich_loop>(enriching, rules_of(settings_.configuration));
}

void app::tell_refresh(open_link const& link, std::string_view what, std::string_view why)
{
    bool const is_done = what == "refreshed";
    bool const needs_person = what == "needs_reauth";
    counts_.count_refresh(is_done || needs_person ? what : "failed");
    log_.write(
        is_done        ? log_level::info
        : needs_person ? log_level::error
                       : log_level::warning,
        "token " + std::string(what),
        {{"link", link.id.value}, {"template", link.kind->name}, {"why", why}}
    );
}

void app::make_sign_in()
{
    auto const tell = [this](sign_in_news const& news)
    {
        tell_sign_in(log_, news);
        // The writer sees commits of other processes only, and this one brought tokens and perhaps fields.
        if (news.has_tokens)
            reload_links();
    };
    sign_in_ = std::make_unique<sign_in>(sign_in::parts{
        clock_, *calls_, sign_in_store_of(*store_, settings_.paths), tell});
}

keeper_store app::store_for_keeper()
{
    return [this](keeper_work work) -> asio::awaitable<result<access>>
    {
        auto const links = links_;
        auto const reader = settings_.paths.keys;
        std::function<result<access>(transaction&)> const in_transaction =
            [links, reader, work](transaction& tx) -> result<access>
        {
            // Read inside: no rotation comes between, and a token that was just got must not be lost to one.
            auto const keys = reader->read(tx);
            if (keys)
                return work(tx, *keys);
            if (!links->keys())
                return keys.error();
            return work(tx, *links->keys());
        };
        co_return co_await store_->write<access>(in_transaction);
    };
}

void app::reload_links()
{
    if (is_stopping_)
        return;
    reloads_again_ = is_reloading_;
    if (!std::exchange(is_reloading_, true))
        loops_.spawn("reload of links", reload());
}

asio::awaitable<void> app::reload()
{
    using directory = std::shared_ptr<link_directory const>;
    auto const keys = settings_.paths.keys;
    std::function<result<directory>(transaction&)> const work = [keys](transaction& tx)
    { return load_links(tx, *keys); };
    auto links = co_await store_->read<directory>(work);
    std::string told;
    while (!links)
    {
        // A rotated token must not wait for the next change of somebody.
        if (std::exchange(told, links.error().message) != links.error().message)
            log_.error("links not read again, the old ones stay", {{"why", links.error().message}});
        co_await clock_.wait_until(clock_.now() + reload_wait);
        links = co_await store_->read<directory>(work);
    }
    for (auto const& problem : (*links)->problems())
        log_.error("link left out", {{"why", problem}});
    use(*links);
    is_reloading_ = false;
    if (std::exchange(reloads_again_, false))
        reload_links();
    log_.info("links read again", {{"links", std::int64_t((*links)->all().size())}});
}

}  // namespace linkspan
