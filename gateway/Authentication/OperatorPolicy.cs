using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestra.Gateway.Authentication;

/// <summary>Who may look at what operators look at: whose token has <c>orchestra.operator</c>.</summary>
public static class OperatorPolicy
{
    public const string Name = "operator";

    /// <summary>Needs <see cref="BearerSetup.AddAccessTokens"/>.</summary>
    public static void AddOperatorPolicy(this IServiceCollection services) =>
        services
            .AddAuthorizationBuilder()
            .AddPolicy(
                Name,
                policy =>
                    policy
                        .AddAuthenticationSchemes(JwtBearerDefaults.AuthenticationScheme)
                        .RequireAssertion(context => Scopes.Has(context.User, Scopes.Operator))
            );
}
