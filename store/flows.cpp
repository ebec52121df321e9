#include "store/flows.hpp"

#include "store/sealing.hpp"
#include "store/statement.hpp"

namespace linkspan
{
namespace
{

constexpr milliseconds forgotten_after{3600 * 1000};

flow read_flow(SQLite::Statement& statement)
{
    flow out;
    out.id = flow_id(number_at(statement, 0));
    out.link = link_id(text_at(statement, 1));
    out.is_pasted = number_at(statement, 2) != 0;
    out.state = static_cast<flow_state>(number_at(statement, 3));
    out.redirect_url = text_at(statement, 4);
    out.detail = optional_text_at(statement, 5).value_or("");
    out.created_at = time_at(statement, 6);
    out.expires_at = time_at(statement, 7);
    return out;
}

// Moved to another flow, or to another link, a verifier does not open.
seal_place place_of_verifier(flow const& of)
{
    seal_place place;
    place.link = of.link;
    place.field = flow_verifier_field;
    place.version = of.id.value;
    return place;
}

bool has_ended(flow const& of)
{
    return of.state == flow_state::done || of.state == flow_state::failed;
}

error used_already(flow const& of, std::string_view what)
{
    if (of.state == flow_state::failed)
        return error(
            errc::conflict, "this sign-in has ended without success; linkspan start-oauth begins another"
        );
    return error(
        errc::conflict, std::string(what) + " was used already; linkspan start-oauth begins another sign-in"
    );
}

error too_late()
{
    return error(
        errc::timeout,
        "this sign-in has expired, ten minutes after its start; linkspan start-oauth begins another"
    );
}

result<> go_to_service(transaction& tx, vault const& keys, flow& of, flow_secrets const& secrets)
{
    auto const sealed = seal_for(tx, keys, secrets.verifier, place_of_verifier(of));
    if (!sealed)
        return sealed.error();
    of.state = flow_state::at_service;
    bound(
        tx,
        "UPDATE flow SET state = ?, state_hash = ?, cookie_hash = ?, verifier_key_id = ?, verifier_sealed = "
        "? "
        "WHERE id = ?",
        static_cast<int>(of.state),
        secrets.state_hash,
        of.is_pasted ? std::nullopt : std::optional<std::string>(secrets.cookie_hash),
        keys.key_id(),
        blob_view(*sealed),
        of.id.value
    )
        .exec();
    return {};
}

flow_id insert_flow(
    transaction& tx,
    link_id const& id,
    bool is_pasted,
    std::optional<std::string> const& ticket_hash,
    std::string_view redirect_url
)
{
    auto& made = bound(
        tx,
        "INSERT INTO flow (link, is_pasted, ticket_hash, redirect_url, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        id.value,
        is_pasted,
        ticket_hash,
        redirect_url,
        tx.now(),
        tx.now() + flow_life
    );
    made.executeStep();
    flow_id const out(number_at(made, 0));
    made.reset();
    return out;
}

}  // namespace

result<flow_id> start_flow(
    transaction& tx, link_id const& id, std::string_view ticket_hash, std::string_view redirect_url
)
{
    return guarded(
        "start the sign-in",
        [&]() -> result<flow_id>
        { return insert_flow(tx, id, false, std::string(ticket_hash), redirect_url); }
    );
}

result<flow> begin_flow(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::string_view ticket_hash,
    flow_secrets const& secrets
)
{
    return guarded(
        "begin the sign-in",
        [&]() -> result<flow>
        {
            auto& found = bound(
                tx,
                "SELECT id, link, is_pasted, state, redirect_url, detail, created_at, expires_at FROM flow "
                "WHERE ticket_hash = ? AND link = ?",
                ticket_hash,
                id.value
            );
            if (!found.executeStep())
                return error(
                    errc::not_found,
                    "there is no such ticket for this link; open the whole URL that linkspan start-oauth "
                    "prints"
                );
            auto out = read_flow(found);
            found.reset();
            if (out.state != flow_state::started)
                return used_already(out, "this start URL");
            if (tx.now() >= out.expires_at)
                return too_late();
            if (auto const gone = go_to_service(tx, keys, out, secrets); !gone)
                return gone.error();
            return out;
        }
    );
}

result<flow> start_pasted_flow(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::string_view redirect_url,
    flow_secrets const& secrets
)
{
    return guarded(
        "start the sign-in",
        [&]() -> result<flow>
        {
            flow out;
            out.id = insert_flow(tx, id, true, std::nullopt, redirect_url);
            out.link = id;
            out.is_pasted = true;
            out.redirect_url = redirect_url;
            out.created_at = tx.now();
            out.expires_at = tx.now() + flow_life;
            if (auto const gone = go_to_service(tx, keys, out, secrets); !gone)
                return gone.error();
            return out;
        }
    );
}

result<taken_flow> take_flow(
    transaction& tx,
    vault const& keys,
    std::string_view state_hash,
    std::optional<std::string> const& cookie_hash
)
{
    return guarded(
        "take the answer of a sign-in",
        [&]() -> result<taken_flow>
        {
            auto& found = bound(
                tx,
                "SELECT id, link, is_pasted, state, redirect_url, detail, created_at, expires_at, "
                "cookie_hash, verifier_key_id, verifier_sealed FROM flow "
                "WHERE state_hash = ?",
                state_hash
            );
            if (!found.executeStep())
                return error(
                    errc::not_found, "no sign-in waits for this answer; linkspan start-oauth begins another"
                );
            taken_flow out;
            out.flow = read_flow(found);
            auto const browser = optional_text_at(found, 8).value_or("");
            auto const key_id = optional_text_at(found, 9).value_or("");
            auto const sealed = optional_text_at(found, 10).value_or("");
            found.reset();
            // Whose it is comes first: nobody else learns how far it is, and nobody else spends it.
            if (out.flow.is_pasted && cookie_hash)
                return error(
                    errc::unauthorized,
                    "this answer belongs to the terminal that waits for it: paste the address of this page "
                    "there"
                );
            if (!out.flow.is_pasted && (!cookie_hash || browser.empty() || *cookie_hash != browser))
                return error(
                    errc::unauthorized,
                    "this sign-in was begun in another browser, or under another address: finish it there, "
                    "or "
                    "open the start URL just as linkspan start-oauth prints it"
                );
            if (out.flow.state != flow_state::at_service)
                return used_already(out.flow, "this answer");
            if (tx.now() >= out.flow.expires_at)
                return too_late();
            // The tokens will have to be sealed: else the service's code would be spent for nothing.
            if (auto const probe = seal_for(tx, keys, secret(), place_of_verifier(out.flow)); !probe)
                return error(errc::unavailable, probe.error().message);
            auto opened = keys.open_sealed(sealed, key_id, place_of_verifier(out.flow));
            if (!opened)
                return error(errc::unavailable, opened.error().message);
            out.verifier = std::move(*opened);
            out.flow.state = flow_state::exchanging;
            bound(
                tx,
                "UPDATE flow SET state = ?, verifier_sealed = NULL, verifier_key_id = NULL WHERE id = ?",
                static_cast<int>(out.flow.state),
                out.flow.id.value
            )
                .exec();
            return out;
        }
    );
}

result<> end_flow(transaction& tx, flow_id id, bool is_done, std::string_view detail)
{
    return guarded(
        "end the sign-in",
        [&]() -> result<>
        {
            auto const found = find_flow(tx, id);
            if (!found)
                return found.error();
            if (has_ended(*found))
                return {};
            bound(
                tx,
                "UPDATE flow SET state = ?, detail = ?, ended_at = ?, verifier_sealed = NULL, "
                "verifier_key_id = NULL WHERE id = ?",
                static_cast<int>(is_done ? flow_state::done : flow_state::failed),
                detail,
                tx.now(),
                id.value
            )
                .exec();
            return {};
        }
    );
}

result<flow> find_flow(transaction& tx, flow_id id)
{
    return guarded(
        "look at the sign-in",
        [&]() -> result<flow>
        {
            auto& found = bound(
                tx,
                "SELECT id, link, is_pasted, state, redirect_url, detail, created_at, expires_at FROM flow "
                "WHERE id = ?",
                id.value
            );
            if (!found.executeStep())
                return error(errc::not_found, "the sign-in is gone; its link was deleted meanwhile");
            auto out = read_flow(found);
            found.reset();
            return out;
        }
    );
}

result<std::int64_t> forget_flows(transaction& tx, std::int64_t at_most)
{
    return guarded(
        "forget old sign-ins",
        [&]() -> result<std::int64_t>
        {
            return bound(
                       tx,
                       "DELETE FROM flow WHERE id IN (SELECT id FROM flow "
                       "WHERE expires_at <= ?1 OR ended_at <= ?1 ORDER BY expires_at LIMIT ?2)",
                       tx.now() - forgotten_after,
                       at_most
            )
                .exec();
        }
    );
}

}  // namespace linkspan
