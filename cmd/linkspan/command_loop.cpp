#include "cmd/linkspan/command_loop.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

http_client::settings client_settings(server_config const& settings)
{
    http_client::settings out;
    out.proxy = settings.proxy;
    out.ca_bundle = settings.ca_bundle;
    out.user_agent = "linkspan/" LINKSPAN_VERSION;
    return out;
}

}  // namespace

command_loop::command_loop(server_config const& settings)
    : clock_(loop_),
      client_(loop_, client_settings(settings)),
      services_(client_, [this] { return clock_.now(); }),
      tasks_(
          loop_,
          [this](std::string const&, std::exception_ptr failure)
          {
              try
              {
                  std::rethrow_exception(failure);
              }
              catch (std::exception const& caught)
              {
                  failure_ = caught.what();
              }
              catch (...)
              {
                  failure_ = "an unknown exception";
              }
          }
      )
{
    services_.request_timeout =
        std::min(services_.request_timeout, milliseconds(seconds(settings.request_timeout_seconds)));
}

command_loop::~command_loop()
{
    client_.cancel();
}

}  // namespace linkspan
