#pragma once
#include "core/event/event.hpp"
#include "tests/support/bitbucket_peer.hpp"

#include <vector>

namespace linkspan::test
{

// What Linkspan asks of a Bitbucket, as a peer receives it.
class bitbucket_requests : public bitbucket_peer
{
protected:
    // Of every call of links/bitbucket (of Data Center's lists the second page too; Cloud tells the URL of
    // its own), and of every template's question who a credential is.
    std::vector<http_request> requests_to(edition asked);

private:
    void ask_everything(edition asked, std::string const& base);
    void ask_identities(edition asked, std::string const& base);
};

}  // namespace linkspan::test
