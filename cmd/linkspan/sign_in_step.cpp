#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/sign_in.hpp"
#include "links/registry.hpp"

#include <array>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

asio::awaitable<result<sign_in_step>> write_in_daemon(store& on, profile_paths paths, sign_in_work work)
{
    std::function<result<sign_in_step>(transaction&)> job =
        [paths = std::move(paths), work = std::move(work)](transaction& tx) -> result<sign_in_step>
    {
        auto const keys = find_vault(tx, paths);
        if (!keys)
            return keys.error();
        return work(tx, *keys);
    };
    auto done = co_await on.write<sign_in_step>(std::move(job));
    co_return done;
}

asio::awaitable<result<sign_in_step>> write_in_command(
    command_store& on, profile_paths paths, sign_in_work work
)
{
    auto done = write_sealed<sign_in_step>(on, paths, work);
    co_return done;
}

secret random_secret()
{
    std::array<std::uint8_t, 32> random{};
    fill_random(random);
    return oauth::random_text(random);
}

}  // namespace

sign_in_store sign_in_store_of(store& of_daemon, profile_paths paths)
{
    return [&of_daemon, paths = std::move(paths)](sign_in_work work)
    { return write_in_daemon(of_daemon, paths, std::move(work)); };
}

sign_in_store sign_in_store_of(command_store& of_command, profile_paths paths)
{
    return [&of_command, paths = std::move(paths)](sign_in_work work)
    { return write_in_command(of_command, paths, std::move(work)); };
}

sign_in_secrets make_sign_in_secrets(bool for_browser)
{
    sign_in_secrets out;
    out.state = random_secret();
    out.kept.state_hash = oauth::hash_of(out.state);
    out.kept.verifier = random_secret();
    if (for_browser)
    {
        out.cookie = random_secret();
        out.kept.cookie_hash = oauth::hash_of(out.cookie);
    }
    return out;
}

result<open_link> read_link_to_sign_in(transaction& tx, vault const& keys, link_id const& id)
{
    auto const row = find_link(tx, id.value);
    if (!row)
        return row.error();
    open_link out;
    out.id = row->id;
    out.name = row->name;
    out.kind = find_template(row->template_name);
    out.allow_unsigned = row->allow_unsigned;
    out.updated_at = row->updated_at;
    if (out.kind == nullptr)
        return error(
            errc::invalid,
            "link " + name_of(*row) + " is of the template " + row->template_name +
                ", which this version does not have"
        );
    auto fields = open_fields(tx, keys, row->id);
    if (!fields)
        return fields.error();
    out.fields = std::move(*fields);
    return out;
}

std::string service_url_of(
    open_link const& link,
    oauth::client const& client,
    std::string_view redirect_url,
    secret const& state,
    secret const& verifier
)
{
    if (link.kind->oauth->grant != grant_kind::installation)
        return oauth::authorization_url(client, redirect_url, state, verifier);
    bool const has_query = client.authorize_url.find('?') != std::string::npos;
    return client.authorize_url + (has_query ? "&state=" : "?state=") + std::string(state.reveal());
}

}  // namespace linkspan
