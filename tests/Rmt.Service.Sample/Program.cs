using Rmt.Service;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRmtClassifier(options => options.Models.Add(new() { Name = "reviews", Path = "models/reviews" }));

var app = builder.Build();
app.MapGet("/", () => "my own pages");
app.MapRmtClassifier();
app.Run();
