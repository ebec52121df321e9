#include "tests/support/sealed_links.hpp"

namespace linkspan::test
{
namespace
{

std::string text_of(std::string const& what, int number)
{
    return what + "-of-link-" + std::to_string(number);
}

result<> make_one(transaction& tx, vault const& keys, int number)
{
    link_row row;
    row.id = sealed_links::id_of(number);
    row.template_name = "generic-oauth";
    if (auto const done = insert_link(tx, row); !done)
        return done;
    for (auto const& field : {"client_secret", "webhook_secret"})
        if (auto const done = put_field(tx, keys, row.id, field, secret(text_of(field, number))); !done)
            return done;
    token_set tokens;
    tokens.access_token = secret(text_of("access", number));
    tokens.refresh_token = secret(text_of("refresh", number));
    tokens.token_type = "Bearer";
    tokens.obtained_at = tx.now();
    if (auto const done = put_consent(tx, keys, row.id, tokens); !done)
        return done.error();
    flow_secrets flowing;
    flowing.state_hash = text_of("state", number);
    flowing.verifier = secret(text_of("verifier", number));
    auto const flow = start_pasted_flow(tx, keys, row.id, "http://localhost:14470/callback", flowing);
    return flow ? result<>() : flow.error();
}

result<std::string> open_one(transaction& tx, vault const& keys, int number)
{
    auto const id = sealed_links::id_of(number);
    auto const fields = open_fields(tx, keys, id);
    if (!fields)
        return fields.error();
    for (auto const& [name, value] : *fields)
        if (value.reveal() != text_of(name, number))
            return "field " + name + " of " + id.value + " is another";
    if (fields->size() != 2)
        return "a field of " + id.value + " is gone";
    auto const tokens = open_token(tx, keys, id);
    if (!tokens)
        return tokens.error();
    if (tokens->access_token.reveal() != text_of("access", number) ||
        tokens->refresh_token.reveal() != text_of("refresh", number))
        return "a token of " + id.value + " is another";
    auto const flow = take_flow(tx, keys, text_of("state", number), std::nullopt);
    if (!flow)
        return flow.error();
    if (flow->verifier.reveal() != text_of("verifier", number))
        return "the verifier of " + id.value + " is another";
    return std::string();
}

}  // namespace

link_id sealed_links::id_of(int number)
{
    auto digits = std::to_string(number);
    return link_id("link" + std::string(12 - digits.size(), 'a') + digits);
}

void sealed_links::make(vault const& keys, int count)
{
    in_.tell(
           [&](transaction& tx) -> result<>
           {
               for (int number = 1; number <= count; ++number)
                   if (auto const done = make_one(tx, keys, number); !done)
                       return done;
               return {};
           }
    ).value();
    count_ = count;
}

std::string sealed_links::open_all(vault const& keys)
{
    std::string found;
    // Given up at its end: opening a flow spends it.
    auto const opened = in_.tell(
        [&](transaction& tx) -> result<>
        {
            for (int number = 1; number <= count_ && found.empty(); ++number)
            {
                auto const one = open_one(tx, keys, number);
                found = one ? *one : one.error().message;
            }
            return error(errc::cancelled, "");
        }
    );
    return opened.error().code == errc::cancelled ? found : opened.error().message;
}

}  // namespace linkspan::test
