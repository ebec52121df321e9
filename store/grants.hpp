#pragma once
#include "core/base/ids.hpp"
#include "core/oauth/grant.hpp"
#include "core/oauth/token.hpp"
#include "store/database.hpp"
#include "store/vault.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// The tokens of OAuth links. A refresh is three steps, none of which can lose a token: begin_refresh() takes
// the lease and writes down what is tried; the call is made outside any transaction; end_refresh() commits
// the answer, whenever it comes. A token that came too late to be used stays as a spare.

// grant_state::none where the link has none.
result<grant> find_grant(transaction& tx, link_id const& id);

// Every link that has a grant, for list-links and for the refresh loop.
struct link_grant_row
{
    link_id link;
    linkspan::grant grant;
};
result<std::vector<link_grant_row>> list_grants(transaction& tx);

// The token in use, opened. errc::not_found where there is none.
result<token_set> open_token(transaction& tx, vault const& keys, link_id const& id);

// All that are kept of the link, the one in use first: what is older or came late may live at the service
// too.
result<std::vector<token_set>> open_tokens(transaction& tx, vault const& keys, link_id const& id);

// Tokens that a person's consent, or the fields alone, have got: in use from now on, whatever the state was.
// Older tokens are forgotten at once: they may be somebody else's.
result<std::int64_t> put_consent(
    transaction& tx, vault const& keys, link_id const& id, token_set const& tokens
);

// A refresh that may be made, or why not.
struct refresh_turn
{
    enum class kind
    {
        ours,        // call the token endpoint, then end_refresh()
        not_needed,  // a token in use that is newer than `than`, or none is to be had: look at the grant
        busy,        // somebody else has the lease, until grant.lease_until
    };
    kind is = kind::not_needed;
    linkspan::grant grant;
    std::string lease;            // ours
    std::int64_t generation = 0;  // ours: whose refresh token to use; 0: none is needed
    std::int64_t consent = 0;
    secret refresh_token;  // ours: empty where none is needed

    refresh_turn() = default;
};

// Takes the lease for the refresh token of the token in use, else of a spare or an older one that nobody has
// refused yet. `lease`: a random name. needs_token: the template's grant lives by refresh tokens. than: the
// token that is to be replaced; 0: none.
result<refresh_turn> begin_refresh(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::string const& lease,
    bool needs_token,
    std::int64_t than
);

// Commits how the call ended. Granted: in use, if the lease is still ours or nothing works any more; else a
// spare; dropped only where a person has consented meanwhile.
// Refused: that refresh token is not tried again; where another is left, the next begin_refresh() takes it,
// else the link is needs_reauth. Otherwise: back-off until `retry_at`. Returns the grant behind it.
result<grant> end_refresh(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    refresh_turn const& turn,
    token_answer const& answer,
    time_point retry_at
);

// The service has taken the token of this generation: older ones are not needed any more.
result<> mark_worked(transaction& tx, link_id const& id, std::int64_t generation);

// The service refuses the token in use though it was just got. It is in use no more, and what it came from is
// not tried again; a spare is, by the next begin_refresh(). Where there is none, a person has to look:
// needs_reauth. Returns the grant behind it; nothing changes where another token is in use by now.
result<grant> mark_needs_reauth(
    transaction& tx, link_id const& id, std::int64_t generation, std::string_view why
);

// Forgets all tokens of a link, those too that are on their way. Whether it had a grant.
result<bool> forget_tokens(transaction& tx, link_id const& id);

// The link's consumer was changed: whatever failed may work now, so there is no back-off.
result<> look_again(transaction& tx, link_id const& id);

}  // namespace linkspan
