#include "tests/support/authorized_link.hpp"

#include "cmd/linkspan/profile_store.hpp"
#include "links/registry.hpp"
#include "store/store.hpp"
#include "tests/support/run_loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>

namespace linkspan::test
{
namespace
{

constexpr char redirect_url[] = "http://localhost:14470/callback";

std::map<std::string, std::string> consumer_of(oauth_provider& provider, bool has_page)
{
    provider_settings const known = provider_settings::cloud();
    std::map<std::string, std::string> fields{
        {"client_id", known.client_id},
        {"client_secret", known.client_secret},
        {"token_url", provider.token_url()},
        {"api_url", provider.api_url()}};
    if (has_page)
        fields.emplace("auth_url", provider.authorize_url());
    return fields;
}

secret text_of(std::uint8_t byte)
{
    std::array<std::uint8_t, 32> random{};
    random.fill(byte);
    return oauth::random_text(random);
}

}  // namespace

token_set consent_at(oauth_provider& provider, time_point asked_at)
{
    provider_settings const known = provider_settings::cloud();
    oauth::client of;
    of.authorize_url = provider.authorize_url();
    of.token_url = provider.token_url();
    of.client_id = known.client_id;
    of.client_secret = secret(known.client_secret);
    auto const verifier = text_of(7);
    auto const state = text_of(8);
    auto const back =
        press_button(provider, oauth::authorization_url(of, redirect_url, state, verifier), "grant");
    auto const read = read_pasted_callback(back, redirect_url);
    if (!read)
        throw std::runtime_error(back + ": " + read.error().message);
    boost::asio::io_context loop{1};
    http_client client(loop);
    auto answer = run(loop, oauth::exchange_code(client, of, read->code, redirect_url, verifier, asked_at));
    if (answer.fate != token_fate::granted)
        throw std::runtime_error("the provider gives no tokens: " + answer.words);
    return std::move(answer.tokens);
}

link_id add_authorized_link(test_profile& profile, oauth_provider& provider, time_point asked_at)
{
    auto const id = profile.add_link("bitbucket-app-oauth", "bitbucket", consumer_of(provider, true));
    auto const tokens = consent_at(provider, asked_at);
    auto const keys = find_vault(profile.paths()).value();
    profile.write(
        [&](transaction& tx) -> result<bool>
        {
            auto const kept = put_consent(tx, keys, id, tokens);
            if (!kept)
                return kept.error();
            return true;
        }
    );
    return id;
}

link_id add_client_link(test_profile& profile, oauth_provider& provider)
{
    return profile.add_link("bitbucket-client-credentials", "robot", consumer_of(provider, false));
}

open_link open_link_of(profile_paths const& paths, link_id const& id)
{
    auto const keys = find_vault(paths).value();
    auto database = command_store::open(paths.database).value();
    std::function<result<open_link>(transaction&)> const work = [&](transaction& tx) -> result<open_link>
    {
        auto row = find_link(tx, id.value);
        if (!row)
            return row.error();
        auto fields = open_fields(tx, keys, id);
        if (!fields)
            return fields.error();
        open_link out;
        out.id = row->id;
        out.name = row->name;
        out.kind = find_template(row->template_name);
        out.fields = std::move(*fields);
        return out;
    };
    return database.read<open_link>(system_now(), work).value();
}

grant grant_of(profile_paths const& paths, link_id const& id)
{
    auto database = command_store::open(paths.database).value();
    std::function<result<grant>(transaction&)> const work = [&](transaction& tx)
    { return find_grant(tx, id); };
    return database.read<grant>(system_now(), work).value();
}

keeper_bench::keeper_bench(
    profile_paths paths, std::optional<time_point> virtual_start, std::optional<milliseconds> store_patience
)
    : paths_(std::move(paths))
{
    clock_ = virtual_start ? std::make_unique<linkspan::clock>(loop_, *virtual_start)
                           : std::make_unique<linkspan::clock>(loop_);
    client_ = std::make_unique<http_client>(loop_);
    services_ = std::make_unique<link_services>(*client_, [this] { return clock_->now(); });
    store_ = std::make_unique<command_store>(command_store::open(paths_.database).value());
    token_keeper::parts with{
        loop_, *clock_, *services_, [this](keeper_work work) { return write(std::move(work)); }, {}};
    with.tell = [this](open_link const&, std::string_view what, std::string_view)
    { told_.emplace_back(what); };
    with.store_patience = store_patience;
    keeper_ = std::make_unique<token_keeper>(std::move(with));
}

keeper_bench::~keeper_bench()
{
    client_->cancel();
}

boost::asio::awaitable<result<access>> keeper_bench::write(keeper_work work)
{
    at_store();
    if (!store_faults.empty())
    {
        auto fault = store_faults.front();
        store_faults.erase(store_faults.begin());
        co_return fault;
    }
    auto const keys = find_vault(paths_);
    std::function<result<access>(transaction&)> const in_transaction = [&](transaction& tx)
    { return work(tx, *keys); };
    auto done = store_->write<access>(clock_->now(), in_transaction);
    at_store();
    co_return done;
}

result<access> keeper_bench::token_of(open_link const& link)
{
    return run(loop_, keeper_->token_of(link));
}

result<access> keeper_bench::token_instead_of(open_link const& link, std::int64_t generation)
{
    return run(loop_, keeper_->token_instead_of(link, generation));
}

result<access> keeper_bench::refresh(open_link const& link)
{
    return run(loop_, keeper_->refresh(link));
}

void keeper_bench::worked(open_link const& link, std::int64_t generation)
{
    bool is_over = false;
    boost::asio::co_spawn(
        loop_, keeper_->worked(link, generation), [&is_over](std::exception_ptr) { is_over = true; }
    );
    run_until(loop_, [&is_over] { return is_over; });
}

std::vector<result<access>> keeper_bench::tokens_of(open_link const& link, std::size_t callers)
{
    std::vector<result<access>> got;
    auto const on_end = [&got](std::exception_ptr, result<access> answer)
    { got.push_back(std::move(answer)); };
    for (std::size_t i = 0; i < callers; ++i)
        boost::asio::co_spawn(loop_, keeper_->token_of(link), on_end);
    run_until(loop_, [&got, callers] { return got.size() == callers; });
    return got;
}

}  // namespace linkspan::test
